import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { killAll } from '../../src/engine/local/server/freeze-and-kill';
import { pidFile } from '../../src/engine/local/server/pid-file';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { Wire } from '../../src/wire/wire';
import { type TestCluster, useCluster } from '../support/cluster';
import { useFolder } from '../support/folder';
import { answering } from '../support/local-servers';
import { rows } from '../support/rows';
import { until } from '../support/until';

/** Whether the servers that clients get to have begun before that time, by their own clock. */
async function beganBefore({ nodes }: PgCluster, time: Date): Promise<boolean[]> {
  const sql = `SELECT pg_postmaster_start_time() < '${time.toISOString()}' AS it`;
  const found = await Promise.all(nodes.map((node) => rows(node.url, sql)));
  return found.map(([row]) => row?.it === true);
}

async function resetBySpares({ pgCluster, cluster }: TestCluster): Promise<void> {
  await cluster.plan.spares.settled();
  const now = new Date();
  await pgCluster.reset();
  expect(await beganBefore(pgCluster, now)).toEqual(pgCluster.nodes.map(() => true));
}

const folder = useFolder('spare-servers');

describe('spare servers', () => {
  const the = useCluster({ slaves: 2, spareServers: true, superuser: true });

  test('take the place of the cluster’s, with the same URLs and objects', async () => {
    const { pgCluster } = the;
    const known = () => [
      pgCluster.nodes.map(({ name, url }) => [name, url]),
      pgCluster.writer.url,
      pgCluster.reader.url,
    ];
    const [before, nodes] = [known(), pgCluster.nodes];
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    for (let time = 0; time < 3; time += 1) {
      await resetBySpares(the);
      expect(known()).toEqual(before);
      expect(pgCluster.nodes).toEqual(nodes);
      expect(await rows(pgCluster.writer.url, "SELECT to_regclass('t') AS t")).toEqual([
        { t: null },
      ]);
      await rows(pgCluster.writer.url, 'CREATE TABLE t (a int)');
      await pgCluster.waitForCatchup();
      await expect(rows(pgCluster.reader.url, 'TABLE t')).resolves.toEqual([]);
    }
  });

  test('are not there any more when others have taken their place', async () => {
    const pids = () => answering().map((data) => pidFile(data)[0]);
    await the.cluster.plan.spares.settled();
    const former = pids();
    await resetBySpares(the);
    await the.cluster.plan.spares.settled();
    expect(pids().filter((pid) => former.includes(pid))).toHaveLength(3);
  });

  test('are made as new by replacing only what has changed', async () => {
    const { pgCluster } = the;
    /** Two files of the master's: one that nobody changes, and one that each test changes. */
    const files = async () => {
      const sql = `SELECT current_setting('data_directory') || '/' || pg_relation_filepath(name::regclass) AS path
        FROM unnest(ARRAY['pg_operator', 'pg_class']) AS name`;
      const found = await rows(pgCluster.masterUrl, sql);
      return found.map(({ path }) => statSync(String(path)).ino);
    };
    const turns: number[][] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int); CHECKPOINT');
      await resetBySpares(the);
      turns.push(await files());
    }
    // The two sets take turns. The first time there is nothing to compare with.
    const [before, after] = [turns[5], turns[7]];
    expect(after?.[0]).toBe(before?.[0]);
    expect(after?.[1]).not.toBe(before?.[1]);
  });

  test('end the sessions of clients', async () => {
    const { pgCluster } = the;
    const client = new Client(pgCluster.masterUrl);
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    const sleeping = expect(client.query('SELECT pg_sleep(60)')).rejects.toThrow(
      /terminated|reset/,
    );
    await resetBySpares(the);
    await Promise.all([ended, sleeping]);
  });

  test('have none of what was done on the wire', async () => {
    const { pgCluster } = the;
    const { master, slaves } = pgCluster;
    await master.throttle({ latencyMs: 5000 });
    await master.cutAt('SELECT 1', { times: 5 });
    await slaves[0]?.refuseConnections();
    await slaves[1]?.disconnect();
    await pgCluster.writer.pointTo(...slaves);
    await resetBySpares(the);
    expect(await master.queries({ matching: /SELECT 1/ })).toEqual([]);
    const patience = { connectionTimeoutMillis: 2000, query_timeout: 2000 };
    for (const { url } of [...pgCluster.nodes, pgCluster.writer]) {
      const client = new Client({ connectionString: url, ...patience });
      await client.connect();
      await expect(client.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
      await client.end();
    }
    expect(pgCluster.writer.targets).toEqual([master]);
    expect(await master.queries({ matching: /SELECT 1/ })).toHaveLength(2);
  });

  test('take every fault that the others took', async () => {
    const { pgCluster } = the;
    await resetBySpares(the);
    const [pg1, pg2] = pgCluster.slaves;
    await pg1?.disconnect({ from: 'cluster' });
    await rows(pgCluster.masterUrl, 'CREATE TABLE cut_off (a int)');
    await pgCluster.waitForCatchup({ node: 'pg2' });
    const seen = `SELECT to_regclass('cut_off') IS NOT NULL AS seen`;
    expect(await rows(String(pg1?.url), seen)).toEqual([{ seen: false }]);
    expect(await rows(String(pg2?.url), seen)).toEqual([{ seen: true }]);
    await pg1?.reconnect();
    await pgCluster.waitForCatchup();
    expect(await rows(String(pg1?.url), seen)).toEqual([{ seen: true }]);
    await pgCluster.killMaster();
    await pgCluster.failover();
    await pgCluster.rejoin(pgCluster.node('pg0'));
    const added = await pgCluster.addSlave();
    await rows(pgCluster.writer.url, 'CREATE TABLE later (a int)');
    await pgCluster.waitForCatchup();
    await expect(rows(added.url, 'TABLE later')).resolves.toEqual([]);
    await resetBySpares(the);
    expect(pgCluster.nodes.map(({ name }) => name)).toEqual(['pg0', 'pg1', 'pg2']);
    expect(pgCluster.master.name).toBe('pg0');
  });

  test('begin with the data of a snapshot, and later with those of birth again', async () => {
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE kept AS SELECT 1 AS a');
    await pgCluster.switchover({ to: 'pg1' });
    await pgCluster.snapshot();
    for (let time = 0; time < 2; time += 1) {
      await rows(pgCluster.masterUrl, 'DROP TABLE kept');
      await the.cluster.plan.spares.settled();
      const now = new Date();
      await pgCluster.restore();
      expect(await beganBefore(pgCluster, now)).toEqual([true, true, true]);
      expect(pgCluster.master.name).toBe('pg1');
      for (const { url } of pgCluster.nodes) {
        expect(await rows(url, 'TABLE kept')).toEqual([{ a: 1 }]);
      }
    }
    // They are for the snapshot.
    await pgCluster.reset();
    expect(pgCluster.master.name).toBe('pg0');
    await resetBySpares(the);
  });

  test('leave what the former servers have logged', async () => {
    const { pgCluster } = the;
    const log = (what: string) =>
      rows(pgCluster.masterUrl, `DO $$ BEGIN RAISE LOG '${what}'; END $$`);
    await log('the first');
    await resetBySpares(the);
    await log('the second');
    await resetBySpares(the);
    const since = Date.now();
    await log('the third');
    const all = await pgCluster.master.logs();
    expect(all.match(/the (first|second|third)(?=\n)/g)).toEqual([
      'the first',
      'the second',
      'the third',
    ]);
    const late = await the.cluster.master.logs(since);
    expect(late.match(/LOG: {2}the \w+/g)).toEqual(['LOG:  the third']);
  });

  test('write their log nowhere else, whatever a server has put there', async () => {
    await the.cluster.plan.spares.settled();
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'as it was');
    for (const data of answering()) {
      const before = join(dirname(data), 'log.before');
      rmSync(before, { force: true });
      symlinkSync(precious, before);
    }
    await resetBySpares(the);
    await resetBySpares(the);
    expect(readFileSync(precious, 'utf8')).toBe('as it was');
  });

  test('are done without if somebody ends them, or the wire', async () => {
    const { pgCluster } = the;
    const used = answering();
    await pgCluster.reset();
    await the.cluster.plan.spares.settled();
    const spares = answering().filter((data) => !used.includes(data));
    for (const data of spares) await killAll(data, Deadline.in(5000));
    await pgCluster.reset();
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await the.cluster.plan.spares.settled();
    const wire = Wire.ofProcess;
    process.kill(wire.pid ?? 0, 'SIGKILL');
    await until('its end to be known', () => wire.hasEnded);
    await pgCluster.reset();
    await expect(rows(pgCluster.writer.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await resetBySpares(the);
  });
});
