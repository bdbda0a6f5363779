import { Pool } from 'pg';
import { heal } from '../../src/cluster/lifecycle/heal';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { rows } from '../support/rows';
import { until } from '../support/until';
import { hostile } from './hostile';
import { traits } from './traits';

const slow = engine === 'docker' ? 120_000 : 60_000;

describe.each(['by spare servers', 'in place'])('reset %s', (way) => {
  const context = useCluster({
    spareServers: way !== 'in place',
    slaves: [{ slot: true }, { upstream: 'pg1', replayDelayMs: 30 }],
    init: 'sql/schema.sql',
    superuser: true,
  });

  // In Docker there are no spares before that.
  beforeAll(() => context.pgCluster.reset());

  test(
    'makes the cluster as it was born, whatever was done to it',
    async () => {
      const { pgCluster } = context;
      const born = await traits(pgCluster);
      const end = await hostile(pgCluster);
      await pgCluster.reset();
      expect(await traits(pgCluster)).toEqual(born);
      await end();
    },
    slow,
  );

  test('brings back a removed slave, with the handle that a test has of it', async () => {
    const { pgCluster } = context;
    const pg2 = pgCluster.node('pg2');
    await pgCluster.removeSlave(pg2);
    await expect(pg2.pause()).rejects.toThrow(/pg2 was removed/);
    await pgCluster.reset();
    expect(pgCluster.node('pg2')).toBe(pg2);
    expect(await pg2.query('SELECT pg_is_in_recovery() AS r')).toEqual([{ r: true }]);
    const added = await pgCluster.addSlave();
    expect(added.name).toBe('pg3');
    await pgCluster.reset();
    expect(pgCluster.nodes.map(({ name }) => name)).toEqual(['pg0', 'pg1', 'pg2']);
    expect((await pgCluster.addSlave()).name).toBe('pg3');
    await pgCluster.reset();
  });

  test('works from every state of a server', async () => {
    const { pgCluster } = context;
    await pgCluster.pauseMaster();
    await pgCluster.node('pg1').kill();
    await pgCluster.node('pg2').stop();
    await pgCluster.reset();
    expect(pgCluster.nodes.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    await pgCluster.master.disconnect();
    await pgCluster.node('pg1').pauseReplay();
    await pgCluster.node('pg2').silenceConnections();
    await pgCluster.reset();
    await pgCluster.master.query('CREATE TABLE through (a int)');
    await pgCluster.waitForCatchup();
    expect(await rows(pgCluster.node('pg2').url, 'TABLE through')).toEqual([]);
    const healed = await heal(context.cluster);
    expect(healed.what).toEqual([]);
  });

  test('ends statements under way; open pools go on', async () => {
    const { pgCluster } = context;
    const pool = new Pool({ connectionString: pgCluster.masterUrl, max: 4 });
    pool.on('error', () => {});
    try {
      await pool.query('CREATE TABLE before (a int)');
      const sleeping = pool.query('SELECT pg_sleep(60)');
      const refused = expect(sleeping).rejects.toThrow(/terminat|reset|closed/i);
      const writing = pool.query(`INSERT INTO before SELECT 1 FROM pg_sleep(60)`);
      const refusedToo = expect(writing).rejects.toThrow(/terminat|reset|closed/i);
      await until('both statements to run', async () => {
        const [row] = await pgCluster.master.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
        );
        return row?.n === 2;
      });
      await pgCluster.reset();
      await Promise.all([refused, refusedToo]);
      const { rows: found } = await pool.query(`SELECT to_regclass('before') AS t`);
      expect(found).toEqual([{ t: null }]);
    } finally {
      await pool.end();
    }
  });

  test('ends ledgers, and says so', async () => {
    const { pgCluster } = context;
    const ledger = await pgCluster.ledger();
    await pgCluster.reset();
    await expect(ledger.verify()).rejects.toThrow(
      /ledger ended when reset\(\) or restore\(\) replaced the data/,
    );
  });

  test('takes its turn among other acts', async () => {
    const { pgCluster } = context;
    const acts = [pgCluster.node('pg1').kill(), pgCluster.reset(), pgCluster.reset()];
    expect((await Promise.allSettled(acts)).map(({ status }) => status)).toEqual(
      acts.map(() => 'fulfilled'),
    );
    expect(pgCluster.node('pg1').state).toBe('running');
  });
});

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
      'removed',
      async (pgCluster) => {
        const before = pgCluster.master;
        await pgCluster.killMaster();
        await pgCluster.failover();
        await pgCluster.removeSlave(before);
      },
    ],
  ];

  // The last is the hardest, and enough where each takes several times as long.
  test.each(engine === 'local' ? ends : ends.slice(-1))(
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
      message: 'there is no snapshot "never taken"; there are "default", "other", "short-lived"',
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
