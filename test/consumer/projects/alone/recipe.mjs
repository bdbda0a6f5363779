// The recipe's three acts, in a script.
import assert from 'node:assert/strict';
import { startCluster } from 'jest-environment-pg-cluster/cluster';
import pg from 'pg';

const cluster = await startCluster({ engine: process.env.ENGINE, slaves: 1 });
try {
  const writer = new pg.Pool({ connectionString: cluster.masterUrl, query_timeout: 1000 });
  const reader = new pg.Pool({ connectionString: cluster.slaveUrls[0] });
  for (const pool of [writer, reader]) pool.on('error', () => {});

  await writer.query('CREATE TABLE orders (item text)');
  await writer.query("INSERT INTO orders VALUES ('tea')");
  await cluster.waitForCatchup();

  await cluster.pauseMaster();
  await assert.rejects(writer.query("INSERT INTO orders VALUES ('coffee')"), /timeout/);
  const { rows } = await reader.query('SELECT item FROM orders');
  assert.deepEqual(rows, [{ item: 'tea' }]);

  await cluster.unpauseMaster();
  await writer.query('SELECT 1');
  await Promise.all([writer.end(), reader.end()]);
} finally {
  await cluster.stop();
  await cluster.stop();
}
await assert.rejects(cluster.status(), { code: 'ERR_PG_CLUSTER_CLOSED' });
assert.deepEqual(
  Object.keys(process.env).filter((name) => /^PG[A-Z_]*(URL|HOST|PORT)/.test(name)),
  [],
);
console.log('done');
