import { Client } from 'pg';
import { useCluster } from '../support/cluster';
import { failure } from '../support/failure';
import { rows } from '../support/rows';
import { until } from '../support/until';

describe('with no slaves', () => {
  const the = useCluster({ slaves: 0 });

  test('there is a master alone', async () => {
    const { pgCluster } = the;
    expect(pgCluster.slaveUrls).toEqual([]);
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await expect(pgCluster.pauseSlave()).rejects.toMatchObject(
      failure('ARGUMENT', 'the cluster has 0 slaves'),
    );
    await pgCluster.heal();
  });
});

describe('with synchronous slaves', () => {
  const the = useCluster({ slaves: 2, synchronous: 2 });

  test('a commit waits for them, and heal frees it', async () => {
    const { pgCluster } = the;
    expect((await pgCluster.status()).nodes.map(({ syncState }) => syncState)).toEqual([
      null,
      'quorum',
      'quorum',
    ]);
    await pgCluster.pauseSlave(1);
    let committed = false;
    const commit = rows(pgCluster.masterUrl, 'CREATE TABLE waits (a int)').then(() => {
      committed = true;
    });
    const waiting = `SELECT wait_event FROM pg_stat_activity WHERE query LIKE 'CREATE TABLE waits%'`;
    await until('the commit to wait for slaves', async () => {
      const [row] = await pgCluster.master.query(waiting);
      return row?.wait_event === 'SyncRep' ? true : String(row?.wait_event);
    });
    expect(committed).toBe(false);
    await pgCluster.heal();
    await commit;
  });
});

describe('with settings that would hinder our own sessions', () => {
  const the = useCluster({
    slaves: 1,
    superuser: true,
    settings: {
      default_transaction_isolation: 'serializable',
      default_transaction_read_only: 'on',
      default_transaction_deferrable: 'on',
      statement_timeout: '1ms',
      lock_timeout: '1ms',
      idle_in_transaction_session_timeout: '1ms',
      // They hold until a session's first query has ended, which under load takes some 300 ms.
      idle_session_timeout: '1s',
      transaction_timeout: '1s',
      search_path: 'nowhere',
      synchronous_commit: 'off',
      row_security: 'off',
      client_min_messages: 'log',
      datestyle: 'SQL, DMY',
      exit_on_error: 'on',
      log_statement: 'all',
    },
  });

  test('it starts, and every act works without showing in the log', async () => {
    const { pgCluster } = the;
    // This test's own sessions have time: what is asked here is what becomes of the handle's.
    const options = '-c statement_timeout=0 -c idle_session_timeout=0 -c transaction_timeout=0';
    const user = new Client({ connectionString: pgCluster.masterUrl, options });
    await user.connect();
    await user.query('SET default_transaction_read_only = off');
    await user.query("ALTER ROLE ALL SET search_path = 'nowhere', pg_catalog");
    await user.query("ALTER ROLE pgcluster_admin SET statement_timeout = '1ms'");
    await user.query('ALTER DATABASE postgres SET default_transaction_read_only = on');
    await user.end();
    await pgCluster.node('pg1').pauseReplay();
    await pgCluster.node('pg1').delayReplay(5);
    await pgCluster.heal();
    await pgCluster.waitForCatchup();
    await pgCluster.killMaster();
    await pgCluster.failover();
    await pgCluster.heal();
    const { nodes } = await pgCluster.status();
    expect(nodes.map(({ streaming }) => streaming)).toEqual([true, false]);
    for (const node of pgCluster.nodes) {
      expect(await node.logs()).not.toMatch(
        /^.* pgcluster_admin@\S* LOG: {2}(statement|duration)/m,
      );
    }
    await pgCluster.reset();
    // A user's session has what users asked for.
    const session = new Client({ connectionString: pgCluster.masterUrl, options });
    await session.connect();
    await expect(session.query('SHOW transaction_isolation')).resolves.toMatchObject({
      rows: [{ transaction_isolation: 'serializable' }],
    });
    await session.end();
  });
});
