import { Client } from 'pg';
import { until } from '../../support/until';
import '../../../src/jest/matchers/matchers';
import { start } from '../../support/cluster';
import { rows } from '../../support/rows';

test('a switchover under load loses nothing', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  const ledger = await pgCluster.ledger({ timeoutMs: 500 });
  await ledger.waitFor('acknowledged', 50);
  await pgCluster.switchover();
  await ledger.waitFor('acknowledged', 50);
  await ledger.stop();
  expect(await ledger.verify()).toHaveLostNothing();
});

test('two faults at once: a paused slave and a killed master', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
  await pgCluster.waitForCatchup();
  await pgCluster.node('pg1').pause();
  await pgCluster.killMaster();
  expect((await pgCluster.failover()).name).toBe('pg2');
  await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)');
  await pgCluster.heal();
  expect(await pgCluster.status()).toBeStreaming();
  await pgCluster.waitForCatchup();
  for (const { url } of pgCluster.nodes) {
    expect(await rows(url, 'SELECT a FROM t ORDER BY a')).toEqual([{ a: 1 }, { a: 2 }]);
  }
});

test('a slave that replays late is stale, and complete once it is promoted', async () => {
  await using the = await start({ slaves: [{ replayDelayMs: 600_000 }] });
  const { pgCluster } = the;
  const slave = pgCluster.node('pg1');
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
  await expect(rows(slave.url, 'TABLE t')).rejects.toMatchObject({ code: '42P01' });
  const received = async () => (await pgCluster.status()).nodes;
  await until('pg1 to receive all', async () => {
    const [master, delayed] = await received();
    return master?.lsn === delayed?.receivedLsn
      ? true
      : `${delayed?.receivedLsn} of ${master?.lsn}`;
  });
  await pgCluster.killMaster();
  await pgCluster.failover();
  await expect(rows(slave.url, 'TABLE t')).resolves.toEqual([{ a: 1 }]);
});

test('a recovery conflict cancels a query on a slave', async () => {
  await using the = await start({ slaves: 1, settings: { max_standby_streaming_delay: 0 } });
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS a');
  await pgCluster.waitForCatchup();
  const slave = pgCluster.node('pg1');
  const slow = 'SELECT count(*), pg_sleep(30) FROM t';
  const query = rows(slave.url, slow).catch((error: unknown) => error);
  await until('the slow query to run', async () => {
    const running = await slave.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    return running.length > 0 ? true : 'it does not run';
  });
  await rows(pgCluster.masterUrl, 'DELETE FROM t');
  await rows(pgCluster.masterUrl, 'VACUUM t');
  await expect(query).resolves.toMatchObject({ code: '40001' });
});

test.each(['kill', 'stop'] as const)(
  'with every synchronous slave gone by %s() a commit blocks, and heal frees it',
  async (end) => {
    await using the = await start({ slaves: 2, synchronous: 1 });
    const { pgCluster } = the;
    const count = async (url: string) =>
      (await rows(url, 'SELECT count(*)::int AS n FROM t'))[0]?.n;
    await pgCluster.node('pg1')[end]();
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.node('pg2')[end]();
    const writer = new Client(pgCluster.masterUrl);
    await writer.connect();
    try {
      let ended = false;
      const commit = writer.query('INSERT INTO t VALUES (1)').finally(() => {
        ended = true;
      });
      const waiting = `SELECT wait_event FROM pg_stat_activity WHERE query LIKE 'INSERT INTO t %'`;
      await until('the commit to wait for slaves', async () => {
        const [row] = await pgCluster.master.query<{ wait_event: string }>(waiting);
        return row?.wait_event === 'SyncRep' ? true : String(row?.wait_event);
      });
      // Nobody sees the row yet, not even on the master, where it is already in the WAL.
      await expect(count(pgCluster.masterUrl)).resolves.toBe(0);
      expect(ended).toBe(false);

      await pgCluster.heal();
      await expect(commit).resolves.toMatchObject({ rowCount: 1 });
      await pgCluster.waitForCatchup();
      for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(1);
    } finally {
      await writer.end();
    }
  },
);
