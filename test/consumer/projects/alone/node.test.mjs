import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startCluster } from 'jest-environment-pg-cluster/cluster';

describe('a cluster for a block', () => {
  let cluster;
  before(async () => {
    cluster = await startCluster({ engine: 'local', slaves: 1 });
  });
  after(() => cluster.stop());

  test('writes on the master are read on a slave', async () => {
    await cluster.master.query('CREATE TABLE orders AS SELECT 1 AS id');
    await cluster.waitForCatchup();
    assert.deepEqual(await cluster.slaves[0].query('TABLE orders'), [{ id: 1 }]);
  });

  test('a slave becomes the master', async () => {
    await cluster.killMaster();
    assert.equal((await cluster.failover()).name, 'pg1');
  });
});

describe('a cluster for each test', { concurrency: true }, () => {
  for (const slaves of [0, 1]) {
    test(`with ${slaves} slaves`, async (t) => {
      const cluster = await startCluster({ engine: 'local', slaves });
      t.after(() => cluster.stop());
      assert.equal((await cluster.status()).nodes.length, slaves + 1);
    });
  }
});
