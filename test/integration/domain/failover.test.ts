import { start } from '../../support/cluster';
import { failure } from '../../support/failure';
import { expectNothingLeft } from '../../support/leftovers';
import { rows } from '../../support/rows';

const versions = [13, 15, 17];

/** Most tests change the cluster for good, so each has its own. */
afterEach(expectNothingLeft);

const count = async (url: string) => (await rows(url, 'SELECT count(*)::int AS n FROM t'))[0]?.n;

describe('failover', () => {
  test('takes the slave that has received most', async () => {
    await using the = await start({ slaves: 2 });
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    // Not paused: what is sent to a frozen slave waits in its socket, and it reads it later.
    await pgCluster.node('pg1').kill();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (1)');
    await pgCluster.waitForCatchup({ node: pgCluster.node('pg2') });
    await pgCluster.killMaster();
    await pgCluster.node('pg1').start();
    expect((await pgCluster.failover()).name).toBe('pg2');
    await pgCluster.heal();
    await expect(count(pgCluster.node('pg1').url)).resolves.toBe(1);
  });

  test.each(versions)(
    'takes the slave that has received most the second time, too: PostgreSQL %i',
    async (version) => {
      await using the = await start({ slaves: 3, synchronous: 1, version });
      const { pgCluster } = the;
      const [pg1, pg2, pg3] = ['pg1', 'pg2', 'pg3'].map((name) => pgCluster.node(name));
      if (!pg1 || !pg2 || !pg3) throw new Error('no slaves');
      await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
      await pgCluster.killMaster();
      await pgCluster.failover({ to: pg1 });
      await pgCluster.waitForCatchup({ node: pg3 });
      // It ends with a restartpoint on the new timeline; pg2 has not made one since.
      await pgCluster.master.query('CHECKPOINT');
      await pgCluster.waitForCatchup({ node: pg3 });
      await pg3.stop();
      await rows(pgCluster.masterUrl, 'INSERT INTO t SELECT generate_series(1, 50)');
      await pgCluster.killMaster();
      await pg3.start();
      const timelines = async () => (await pgCluster.status()).nodes.map((n) => n.timelineId);
      const before = await timelines();
      expect((await pgCluster.failover()).name).toBe('pg2');
      expect(before).toEqual([null, null, 2, 2]);
      await expect(count(pgCluster.masterUrl)).resolves.toBe(50);
      // Nobody but the two former masters had to be made anew.
      await pgCluster.heal();
      expect(
        pgCluster.timeline
          .at(-1)
          ?.detail?.split(', ')
          .filter((text) => / pg[23]/.test(` ${text}`)),
      ).toEqual([]);
      expect(await timelines()).toEqual([3, 3, 3, 3]);
    },
  );

  test.each(versions)(
    'counts what a slave has received but not replayed, also after its restart: PostgreSQL %i',
    async (version) => {
      const late = { replayDelayMs: 3_600_000, synchronous: true };
      await using the = await start({ slaves: [late, {}], version });
      const { pgCluster } = the;
      const [pg1, pg2] = [pgCluster.node('pg1'), pgCluster.node('pg2')];
      await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
      await pgCluster.waitForCatchup({ node: pg2 });
      await pg2.stop();
      await rows(pgCluster.masterUrl, 'INSERT INTO t SELECT generate_series(1, 20000)');
      await pgCluster.master.query('SELECT pg_switch_wal()');
      await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (20001)');
      await pg1.kill();
      await pgCluster.killMaster();
      await pg1.start();
      await pg2.start();
      expect((await pgCluster.failover()).name).toBe('pg1');
      await expect(count(pg1.url)).resolves.toBe(20_001);
    },
  );

  test('tells two timelines of the same number apart', async () => {
    await using the = await start({ slaves: 3 });
    const { pgCluster } = the;
    const [pg1, pg2, pg3] = ['pg1', 'pg2', 'pg3'].map((name) => pgCluster.node(name));
    if (!pg1 || !pg2 || !pg3) throw new Error('no slaves');
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    // Each of them begins timeline 2, since pg2 has not heard of the other one.
    await pg1.promote();
    await pgCluster.rejoin(pg3);
    await rows(pg1.url, 'INSERT INTO t SELECT generate_series(1, 10)');
    await pgCluster.waitForCatchup({ node: pg3 });
    await pg1.kill();
    await pg2.promote();
    await rows(pg2.url, 'INSERT INTO t SELECT generate_series(1, 20000)');
    await pgCluster.heal();
    await pgCluster.waitForCatchup();
    for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(20_000);
  });

  test('to a slave that lacks a write loses it; the slave that has it is rebuilt', async () => {
    await using the = await start({ slaves: 2 });
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    const behind = pgCluster.node('pg1');
    await behind.kill();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (1)');
    await pgCluster.waitForCatchup({ node: pgCluster.node('pg2') });
    await pgCluster.killMaster();
    await behind.start();
    await pgCluster.failover({ to: 'pg1' });
    await pgCluster.heal();
    for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(0);
  });

  test('is refused while the master runs or is paused, unless it is forced', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    const refusal = failure(
      'STATE',
      /^pg0 \(master\) is not gone: .*failover\(\{ force: true \}\)/,
    );
    await expect(pgCluster.failover()).rejects.toMatchObject(refusal);
    await pgCluster.pauseMaster();
    await expect(pgCluster.failover()).rejects.toMatchObject(refusal);
    await pgCluster.unpauseMaster();

    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    await pgCluster.failover({ force: true });
    // A split brain: both take writes, and neither hears of the other's.
    const [one, two] = pgCluster.nodes;
    await rows(one?.url ?? '', 'INSERT INTO t VALUES (1), (2), (3)');
    await rows(two?.url ?? '', 'INSERT INTO t VALUES (4)');
    await expect(count(one?.url ?? '')).resolves.toBe(3);
    await expect(count(two?.url ?? '')).resolves.toBe(1);
    const already = failure('STATE', /^pg0 cannot be promoted: its server is a master already/);
    await expect(one?.promote()).rejects.toMatchObject(already);
    await expect(one?.pauseReplay()).rejects.toThrow(/^pg0 cannot pause its replay: its server is/);
    await expect(
      pgCluster.failover({ to: pgCluster.node('pg0'), force: true }),
    ).rejects.toMatchObject(already);

    await pgCluster.heal();
    expect(pgCluster.master.name).toBe('pg1');
    await expect(count(one?.url ?? '')).resolves.toBe(1);
    expect(pgCluster.timeline.at(-1)?.detail).toMatch(
      /pg0 rebuilt from the master; [1-9]\d* bytes of its WAL were dropped/,
    );
  });

  test('without a slave that can take over says why', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    await pgCluster.pauseSlave();
    await pgCluster.killMaster();
    await expect(pgCluster.failover()).rejects.toMatchObject(
      failure('STATE', /^no slave can take over: pg1: pg1 cannot take over: .*paused/),
    );
    await expect(pgCluster.failover({ to: pgCluster.master })).rejects.toMatchObject({
      message: expect.stringContaining('it is the master'),
    });
    await pgCluster.heal();
    await pgCluster.slaves[0]?.stop();
    await expect(pgCluster.switchover()).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_STATE',
      message: 'pg0 cannot hand over: no slave streams from it now (pg1 is stopped); heal() first',
    });
  });
});
