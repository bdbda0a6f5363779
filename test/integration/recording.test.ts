import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Recorder } from '../../src/report/recording/recorder';
import type { Happening, RecordLine } from '../../src/report/records';
import { start, type TestCluster } from '../support/cluster';
import { useFolder } from '../support/folder';

const folder = useFolder('recording');
let recordings = 0;

/** Records `work`; `lines` reads what is in the file at that moment. */
async function recorded(
  the: TestCluster,
  work: (lines: () => RecordLine[]) => Promise<void>,
  o: { sql?: boolean } = {},
): Promise<RecordLine[]> {
  recordings += 1;
  const own = join(folder, String(recordings));
  const order = { pid: process.pid, folder: own, sql: o.sql ?? false };
  const about = { file: 'a/b.test.js', project: null, worker: '1', shard: null };
  const recorder = new Recorder(the.cluster, order, about);
  const lines = () => {
    const [file = ''] = readdirSync(own);
    const text = readFileSync(join(own, file), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line): RecordLine => JSON.parse(line));
  };
  try {
    await work(lines);
  } finally {
    await recorder.end();
  }
  return lines();
}

function of<K extends Happening['kind']>(kind: K, lines: readonly RecordLine[]) {
  return lines.filter((line): line is Extract<RecordLine, { kind: K }> => line.kind === kind);
}

test('what is done is in the file when it happens, and what ends a fault is told', async () => {
  await using the = await start({ slaves: 1 });
  const { pgCluster } = the;
  const lines = await recorded(the, async (now) => {
    await pgCluster.node('pg1').pause();
    expect(of('act ends', now())).toMatchObject([{ act: 1, outcome: 'done' }]);
    expect(of('fault on', now())).toMatchObject([{ node: 'pg1', fault: 'paused' }]);
    await pgCluster.node('pg1').unpause();
    await pgCluster.node('pg1').pause();
    await pgCluster.node('pg1').kill();
    await pgCluster.node('pg1').start();
    await pgCluster.node('pg1').pauseReplay();
    await pgCluster.heal();
    await pgCluster.node('pg1').pause();
    await pgCluster.reset();
    await pgCluster.node('pg1').pause();
  });
  expect(lines[0]).toMatchObject({ kind: 'begin', nodes: ['pg0', 'pg1'], file: 'a/b.test.js' });
  expect(lines.at(-1)).toMatchObject({ kind: 'end' });
  expect(of('fault off', lines).map(({ node, fault, by }) => [node, fault, by])).toEqual([
    ['pg1', 'paused', 'unpause'],
    ['pg1', 'paused', 'the server’s end'],
    ['pg1', 'killed', 'start'],
    ['pg1', 'replay paused', 'heal'],
    ['pg1', 'paused', 'reset'],
    ['pg1', 'paused', 'the end of the cluster'],
  ]);
  expect(of('act begins', lines).map(({ what }) => what)).toEqual(
    expect.arrayContaining(['pause', 'unpause', 'kill', 'start', 'heal', 'reset']),
  );
  const times = lines.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('roles, upstreams, timelines and targets of endpoints follow a failover', async () => {
  await using the = await start({ slaves: 2 });
  const lines = await recorded(the, async () => {
    await the.pgCluster.master.kill();
    await the.pgCluster.failover();
  });
  const last = new Map(of('node', lines).map((record) => [record.node, record]));
  const { master } = the.pgCluster;
  expect(last.get(master.name)).toMatchObject({
    role: 'master',
    upstream: null,
    state: 'running',
    timelineId: 2,
  });
  expect(last.get('pg0')).toMatchObject({ role: 'slave', upstream: null, state: 'stopped' });
  expect([...last.values()].filter(({ upstream }) => upstream === master.name)).toHaveLength(1);
  const writers = of('endpoint', lines).filter(({ endpoint }) => endpoint === 'writer');
  expect(writers.map(({ targets }) => targets)).toEqual([['pg0'], [master.name]]);
});

test('a ledger’s outcomes add up, and a slave that leaves is gone', async () => {
  await using the = await start({ slaves: 1 });
  const { pgCluster } = the;
  let counts = { acknowledged: 0, unknown: 0 };
  const lines = await recorded(the, async () => {
    const ledger = await pgCluster.ledger({ connections: 2 });
    await ledger.waitFor('acknowledged', 20);
    const cut = ledger.waitFor('unknown', 1, { timeoutMs: 10_000 });
    await pgCluster.master.dropConnections();
    await cut;
    await ledger.stop();
    counts = ledger.counts;
    await pgCluster.removeSlave(await pgCluster.addSlave());
  });
  const sum = (key: 'acknowledged' | 'unknown') =>
    of('writes', lines).reduce((total, record) => total + record[key], 0);
  expect(sum('acknowledged')).toBe(counts.acknowledged);
  expect(sum('unknown')).toBe(counts.unknown);
  expect(counts.unknown).toBeGreaterThan(0);
  expect(of('ledger', lines).map(({ is }) => is)).toEqual(['begun', 'ended']);
  const roles = of('node', lines).filter(({ node }) => node === 'pg2');
  expect(roles.map(({ role }) => role)).toEqual(expect.arrayContaining(['slave', 'gone']));
  expect(roles.at(-1)?.role).toBe('gone');
});

test.each([false, true])(
  'with sql: %s, a trap’s hit has its text or verb; no password',
  async (sql) => {
    await using the = await start({ slaves: 0 });
    const { pgCluster } = the;
    const lines = await recorded(
      the,
      async () => {
        const trap = await pgCluster.master.cutAt('alter role');
        const { Client } = await import('pg');
        const client = new Client({ connectionString: pgCluster.masterUrl });
        client.on('error', () => {});
        await client.connect();
        const cut = client.query(`ALTER ROLE CURRENT_USER PASSWORD 'hush''hush'`);
        await expect(cut).rejects.toThrow();
        await trap.hit();
      },
      { sql },
    );
    expect(of('hit', lines)).toMatchObject([
      {
        node: 'pg0',
        lost: 'reply',
        tag: 'ALTER ROLE',
        sql: sql ? "ALTER ROLE CURRENT_USER PASSWORD '***'" : 'ALTER',
      },
    ]);
    expect(of('fault off', lines)).toMatchObject([{ by: 'the trap’s last hit' }]);
    expect(JSON.stringify(lines)).not.toMatch(/hush/);
  },
);
