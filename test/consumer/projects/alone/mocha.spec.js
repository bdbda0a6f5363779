const assert = require('node:assert/strict');
const { startCluster } = require('jest-environment-pg-cluster/cluster');

describe('a cluster in Mocha', function () {
  this.timeout(60_000);
  let cluster;
  before(async () => {
    cluster = await startCluster({ engine: 'local', slaves: 1 });
  });
  afterEach(() => cluster.heal());
  after(() => cluster.stop());

  it('hangs', async () => {
    await cluster.pauseMaster();
    const { nodes } = await cluster.status();
    assert.equal(nodes[0].state, 'paused');
  });

  it('answers again', async () => {
    assert.deepEqual(await cluster.master.query('SELECT 1 AS one'), [{ one: 1 }]);
  });
});
