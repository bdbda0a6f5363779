const { Client } = require('pg');

test('acts on servers have their effects', async () => {
  const client = new Client({ connectionString: PG_MASTER_URL, query_timeout: 500 });
  client.on('error', () => {});
  await client.connect();
  await pgCluster.pauseMaster();
  // The session that is open hangs, too: it is a process of its own.
  await expect(client.query('SELECT 1')).rejects.toThrow('timeout');
  await pgCluster.unpauseMaster();
  await pgCluster.slaves[0].pause();
  await pgCluster.killMaster();
  await pgCluster.heal();
  await pgCluster.master.query('CREATE TABLE works (a int)');
  await pgCluster.waitForCatchup();
  await client.end();
  // Left to the removal.
  await pgCluster.pauseMaster();
});
