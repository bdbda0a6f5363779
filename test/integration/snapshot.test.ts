import { Client, Pool } from 'pg';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { rows } from '../support/rows';
import { until } from '../support/until';

describe('snapshot and restore', () => {
  const context = useCluster({ slaves: 2, superuser: true });
  const master = (sql: string) => rows(context.pgCluster.masterUrl, sql);

  test('bring back what was there, on every node', async () => {
    const { pgCluster } = context;
    await master('CREATE TABLE migrated AS SELECT generate_series(1, 1000) AS a');
    await master('ALTER ROLE testsuite CONNECTION LIMIT 50');
    await pgCluster.node('pg1').query(`ALTER SYSTEM SET work_mem = '7MB'`);
    // A pool ends what is idle for ten seconds, and on a busy machine a snapshot takes longer.
    const pool = new Pool({ connectionString: pgCluster.masterUrl, idleTimeoutMillis: 0 });
    pool.on('error', () => {});
    const { rows: before } = await pool.query('SELECT pg_backend_pid() AS pid');
    await pgCluster.snapshot();
    // Nobody is disconnected by that.
    expect((await pool.query('SELECT pg_backend_pid() AS pid')).rows).toEqual(before);
    for (let round = 0; round < 3; round += 1) {
      await pool.query('DROP TABLE migrated; CREATE TABLE later (a int)');
      await pgCluster.restore();
      for (const { url } of pgCluster.nodes) {
        expect(
          await rows(url, `SELECT count(*)::int AS n, to_regclass('later') AS l FROM migrated`),
        ).toEqual([{ n: 1000, l: null }]);
      }
    }
    expect(await rows(pgCluster.node('pg1').url, 'SHOW work_mem')).toEqual([{ work_mem: '7MB' }]);
    await pool.end();
  });

  test('let clients write, and have all that was committed before', async () => {
    const { pgCluster } = context;
    await master('CREATE TABLE written (a int)');
    const client = new Client(pgCluster.masterUrl);
    client.on('error', () => {});
    await client.connect();
    let count = 0;
    let longestMs = 0;
    let isTaken = false;
    const write = async () => {
      const began = performance.now();
      await client.query('INSERT INTO written VALUES ($1)', [count + 1]);
      longestMs = Math.max(longestMs, performance.now() - began);
      count += 1;
    };
    const writing = (async () => {
      while (!isTaken) await write();
    })();
    await until('the first rows', async () => count > 20);
    longestMs = 0;
    const before = count;
    const began = performance.now();
    await pgCluster.snapshot('while writing');
    const snapshotMs = performance.now() - began;
    isTaken = true;
    await writing;
    expect(count).toBeGreaterThan(before + 5);
    expect(longestMs).toBeLessThan(snapshotMs / 2);
    await client.end();
    await master('TRUNCATE written');
    for (const _ of ['once', 'again']) {
      await pgCluster.restore('while writing');
      const kept = await Promise.all(
        pgCluster.nodes.map(({ url }) =>
          rows(url, 'SELECT count(*)::int AS n, max(a) AS last FROM written'),
        ),
      );
      const [{ n, last }] = kept[0] as [{ n: number; last: number }];
      // The rows up to one of them, the same on every node.
      expect(kept).toEqual(pgCluster.nodes.map(() => [{ n: last, last }]));
      expect(n).toBeGreaterThanOrEqual(before);
      expect(n).toBeLessThanOrEqual(count);
    }
  });

  test('leave out what was not committed, and what is unlogged', async () => {
    const { pgCluster } = context;
    await master('CREATE TABLE open (a int)');
    const client = new Client(pgCluster.masterUrl);
    client.on('error', () => {});
    await client.connect();
    await client.query('BEGIN; INSERT INTO open SELECT generate_series(1, 5000)');
    await master('CREATE UNLOGGED TABLE unlogged AS SELECT 1 AS a');
    await pgCluster.snapshot('in the middle');
    await client.query('COMMIT');
    await client.end();
    await pgCluster.restore('in the middle');
    for (const { url } of pgCluster.nodes) {
      await expect(rows(url, 'SELECT count(*)::int AS n FROM open')).resolves.toEqual([{ n: 0 }]);
    }
    await expect(master('TABLE unlogged')).resolves.toEqual([]);
  });

  test('go from any of several to any other', async () => {
    const { pgCluster } = context;
    const databases = "SELECT datname AS name FROM pg_database WHERE datname LIKE 'of\\_%'";
    const steps: [name: string, database: string][] = [
      ['one', 'of_one'],
      ['two', 'of_two'],
      ['three', 'of_three'],
    ];
    let former: string | undefined;
    for (const [name, database] of steps) {
      if (former) await pgCluster.master.query(`DROP DATABASE ${former}`);
      await pgCluster.master.query(`CREATE DATABASE ${database}`);
      await master(`CREATE TABLE ${database} AS SELECT generate_series(1, 3000) AS a`);
      await pgCluster.snapshot(name);
      former = database;
    }
    for (const index of engine === 'local' ? [0, 2, 1, 0, 1, 2] : [0, 2, 1]) {
      const [name = '', database] = steps[index] ?? [];
      if (index === 1) await pgCluster.reset();
      await pgCluster.restore(name);
      for (const { url } of pgCluster.nodes) {
        await expect(rows(url, databases)).resolves.toEqual([{ name: database }]);
        await expect(rows(url, `SELECT count(*)::int AS n FROM ${database}`)).resolves.toEqual([
          { n: 3000 },
        ]);
      }
    }
    await pgCluster.reset();
    await expect(master(databases)).resolves.toEqual([]);
  });

  test('keep master, timeline, slots and added nodes', async () => {
    const { pgCluster } = context;
    const added = await pgCluster.addSlave({ slot: true });
    await pgCluster.switchover({ to: pgCluster.node('pg1') });
    await master(`SELECT pg_create_physical_replication_slot('of_a_test', true)`);
    await pgCluster.snapshot('other');
    const timelines = async () => {
      let ids: (number | null)[] = [];
      // A node that does not answer within two seconds tells nothing.
      await until('all nodes to tell their timeline', async () => {
        ids = (await pgCluster.status()).nodes.map(({ timelineId }) => timelineId);
        return !ids.includes(null) || ids.join();
      });
      return ids;
    };
    const look = async () => ({
      master: pgCluster.master.name,
      nodes: pgCluster.nodes.map(({ name }) => name),
      slots: await master('SELECT slot_name AS name FROM pg_replication_slots ORDER BY 1'),
      timelines: await timelines(),
    });
    const then = await look();
    expect(then).toMatchObject({ master: 'pg1', timelines: [2, 2, 2, 2] });
    await pgCluster.removeSlave(added);
    await pgCluster.switchover({ to: pgCluster.node('pg0') });
    await pgCluster.restore('other');
    expect(await look()).toEqual(then);
    await pgCluster.restore();
    expect(pgCluster.master.name).toBe('pg0');
    await pgCluster.restore('other');
    expect(await look()).toEqual(then);
    await pgCluster.reset();
    expect(await look()).toMatchObject({
      master: 'pg0',
      nodes: ['pg0', 'pg1', 'pg2'],
      timelines: [1, 1, 1],
    });
  });

  const ends: [what: string, act: (pgCluster: PgCluster) => Promise<unknown>][] = [
    ['paused', (pgCluster) => pgCluster.pauseMaster()],
    ['killed', (pgCluster) => pgCluster.killMaster()],
    [
      'killed, and the others stopped',
      async (pgCluster) => {
        await Promise.all(pgCluster.slaves.map((slave) => slave.stop()));
        await pgCluster.killMaster();
      },
    ],
    [
      'removed',
      async (pgCluster) => {
        const before = pgCluster.master;
        await pgCluster.killMaster();
        await pgCluster.failover();
        await pgCluster.removeSlave(before);
      },
    ],
  ];

  // The last are the hardest, and enough where each takes several times as long.
  test.each(engine === 'local' ? ends : ends.slice(-2))(
    'work when the master is %s right after the snapshot',
    async (_, act) => {
      const { pgCluster } = context;
      await master('CREATE TABLE kept AS SELECT 1 AS a');
      await pgCluster.snapshot('short-lived');
      await act(pgCluster);
      await pgCluster.restore('short-lived');
      for (const { url } of pgCluster.nodes) {
        await expect(rows(url, 'TABLE kept')).resolves.toEqual([{ a: 1 }]);
      }
      await pgCluster.reset();
    },
  );

  test('refuse what cannot be done', async () => {
    const { pgCluster } = context;
    await expect(pgCluster.restore('never taken')).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_ARGUMENT',
      message:
        'there is no snapshot "never taken"; there are "default", "while writing", "in the middle", "one", "two", "three", "other", "short-lived"',
    });
    await expect(pgCluster.snapshot('')).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_ARGUMENT' });
    await pgCluster.pauseSlave();
    await expect(pgCluster.snapshot()).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_STATE',
      message: 'no snapshot can be taken: pg1 is paused; undo that first, or heal()',
    });
    await pgCluster.reset();
  });
});
