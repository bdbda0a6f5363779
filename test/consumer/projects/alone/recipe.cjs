const { PgClusterError, startCluster } = require('jest-environment-pg-cluster/cluster');

async function main() {
  // Two at once, which know nothing of each other.
  const clusters = await Promise.all([
    startCluster({ engine: 'local', slaves: 1 }),
    startCluster({ engine: 'local', slaves: 0 }),
  ]);
  const [replicated, single] = clusters;
  await replicated.killMaster();
  const master = await replicated.failover();
  await single.master.query('CREATE TABLE a (b int)');
  await single.stop();
  const closed = await single.status().catch((error) => error);
  console.log(master.name, closed instanceof PgClusterError, closed.code);
  await replicated.stop();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
