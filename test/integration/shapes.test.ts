import { Deadline, poll } from '../../src/deadline';
import { rows, useCluster } from './with-cluster';

describe('with no slaves', () => {
  const the = useCluster({ slaves: 0 });

  test('there is a master alone', async () => {
    const { pgCluster } = the;
    expect(pgCluster.slaveUrls).toEqual([]);
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await expect(pgCluster.pauseSlave()).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_ARGUMENT',
      message: expect.stringContaining('the cluster has 0 slaves'),
    });
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
    await poll({
      deadline: Deadline.in(5000),
      what: 'the commit to wait for slaves',
      intervalMs: 10,
      look: async () => {
        const [row] = await pgCluster.master.query(waiting);
        return row?.wait_event === 'SyncRep'
          ? { done: undefined }
          : { seen: String(row?.wait_event) };
      },
    });
    expect(committed).toBe(false);
    await pgCluster.heal();
    await commit;
  });
});
