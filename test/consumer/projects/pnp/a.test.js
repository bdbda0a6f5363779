const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Client } = require('pg');

test('is in the middle of something', async () => {
  await pgCluster.pauseSlave();
  const client = new Client(PG_MASTER_URL);
  await client.connect();
  const { rows } = await client.query('SELECT pg_is_in_recovery() AS slave');
  expect(rows).toEqual([{ slave: false }]);
  await client.end();
  if (process.env.MIDDLE === undefined) return;
  writeFileSync(join(__dirname, process.env.MIDDLE), '');
  // It is killed.
  await new Promise(() => {});
}, 90_000);
