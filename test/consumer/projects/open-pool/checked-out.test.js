const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { Pool } = require('pg');

// The pool has a listener; its clients are checked out, and nobody listens to them.
const pool = new Pool({ connectionString: PG_MASTER_URL }).on('error', () => {});

test('kills the server of a client that is checked out', async () => {
  appendFileSync(join(__dirname, 'runs'), 'x');
  const client = await pool.connect();
  await client.query('SELECT 1');
  await pgCluster.killMaster();
  await new Promise((resolve) => setTimeout(resolve, 300));
});

test('leaves one checked out, and another at work', async () => {
  const client = await pool.connect();
  await client.query('SELECT 1');
  new Pool({ connectionString: PG_MASTER_URL }).query('SELECT pg_sleep(60)');
  await pgCluster.master.query('SELECT 1');
});
