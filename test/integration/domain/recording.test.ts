import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Deadline } from '../../../src/base/deadline';
import { Recorder } from '../../../src/report/recording/recorder';
import type { Happening, RecordLine } from '../../../src/report/records';
import { start, type TestCluster } from '../../support/cluster';
import { useFolder } from '../../support/folder';
import { until } from '../../support/until';

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
    const ledger = await pgCluster.ledger({ connections: 2, intervalMs: 0 });
    await ledger.waitFor('acknowledged', 20);
    // A connection may also be dropped between two writes.
    await until('an unknown outcome', async () => {
      await pgCluster.master.dropConnections();
      return ledger.counts.unknown > 0;
    });
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
    // On the timeline it is an event, too; here it is told once.
    expect(of('act begins', lines).filter(({ what }) => /lose/.test(what))).toEqual([]);
    expect(of('fault off', lines)).toMatchObject([{ by: 'the trap’s last hit' }]);
    expect(JSON.stringify(lines)).not.toMatch(/hush/);
  },
);

describe('how far slaves are behind', () => {
  test('grows while replay is paused, is null while nobody can tell, and is 0 in the end', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    const [slave] = pgCluster.slaves;
    const lines = await recorded(the, async (now) => {
      const lags = () => of('lag', now());
      await until('no lag', () => lags().at(-1)?.bytes === 0);
      await slave?.pauseReplay();
      await pgCluster.master.query('CREATE TABLE t AS SELECT generate_series(1, 1000)');
      await until(
        'lag',
        () => (lags().at(-1)?.bytes ?? 0) > 10_000 && (lags().at(-1)?.ms ?? 0) > 300,
      );
      await pgCluster.master.pause();
      await until('nobody to tell', () => lags().at(-1)?.bytes === null);
      await pgCluster.master.unpause();
      await slave?.resumeReplay();
      await until('no lag again', () => lags().at(-1)?.bytes === 0);
    });
    expect(of('lag', lines).at(-1)).toMatchObject({ node: 'pg1', bytes: 0, ms: 0 });
  });

  const connections = `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE application_name LIKE '% lag'`;

  async function isAsked({ pgCluster }: TestCluster): Promise<boolean> {
    return (await pgCluster.master.query<{ n: number }>(connections))[0]?.n === 1;
  }

  test('is asked in a way that holds up no smart stop', async () => {
    await using the = await start({ slaves: 1 });
    await recorded(the, async () => {
      for (let round = 0; round < 3; round += 1) {
        await until('lag to be asked', () => isAsked(the));
        const startedAt = performance.now();
        await the.pgCluster.master.stop('smart');
        expect(performance.now() - startedAt).toBeLessThan(5000);
        await the.pgCluster.master.start();
      }
    });
  });

  test('takes no slot of a server that has run out of them, and does not wait for a frozen one', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    await recorded(the, async () => {
      await until('lag to be asked', () => isAsked(the));
      await pgCluster.master.exhaustConnections();
      // Several looks later.
      await until('some time to pass', elapsed(1000));
      const [held] = await the.cluster.master.sql<{ n: number }>(
        connections,
        [],
        Deadline.in(5000),
      );
      expect(held).toEqual({ n: 0 });
      await pgCluster.master.releaseConnections();
      await until('lag to be asked', () => isAsked(the));
      await pgCluster.master.pause();
      await until('some time to pass', elapsed(600));
    });
  });

  function elapsed(ms: number): () => boolean {
    const from = performance.now();
    return () => performance.now() - from > ms;
  }
});

describe('what clients ran', () => {
  async function clientOf({ pgCluster }: TestCluster): Promise<Client> {
    const client = new Client({
      connectionString: pgCluster.masterUrl,
      application_name: 'shop',
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  test('is told with its times, what failed with its SQLSTATE, what never ended as that', async () => {
    await using the = await start({ slaves: 0 });
    const lines = await recorded(the, async () => {
      const client = await clientOf(the);
      await client.query('SELECT pg_sleep(0.3)');
      await client.query('SELECT 1/0').catch(() => {});
      await client.query("INSERT INTO nowhere VALUES ('a')").catch(() => {});
      client.query('SELECT pg_sleep(60)').catch(() => {});
      await until('it to run', async () => {
        const sql = `SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'`;
        return (await the.pgCluster.master.query(sql)).length === 1;
      });
      await the.pgCluster.reset();
      client.end().catch(() => {});
    });
    expect(of('statements', lines)).toMatchObject([
      { node: 'pg0', sql: 'SELECT', applicationName: 'shop', sqlState: null, count: 1 },
      { sql: 'SELECT', sqlState: '22012' },
      { sql: 'INSERT', sqlState: '42P01' },
      { sql: 'SELECT' },
    ]);
    const [slow, , , cut] = of('statements', lines);
    expect(slow?.maxMs).toBeGreaterThan(290);
    expect((slow?.until ?? 0) - (slow?.since ?? 0)).toBeGreaterThan(290);
    expect(cut).toMatchObject({ sql: 'SELECT', count: 1 });
    expect(cut?.until === null || cut?.sqlState === '57P01').toBe(true);
    expect(JSON.stringify(lines)).not.toContain('nowhere');
  });

  test('is grouped where it is much, and counted right', async () => {
    await using the = await start({ slaves: 0 });
    const lines = await recorded(
      the,
      async () => {
        const client = await clientOf(the);
        for (let n = 0; n < 2000; n += 1) await client.query(n % 2 ? 'SELECT 1' : 'SELECT 2');
        await client.end();
      },
      { sql: true },
    );
    const told = of('statements', lines);
    const count = (sql: string) =>
      told.filter((one) => one.sql === sql).reduce((sum, one) => sum + one.count, 0);
    expect([count('SELECT 1'), count('SELECT 2')]).toEqual([1000, 1000]);
    expect(told.length).toBeLessThan(100);
  });
});
