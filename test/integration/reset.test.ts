import { Pool } from 'pg';
import { heal } from '../../src/cluster/lifecycle/heal';
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
