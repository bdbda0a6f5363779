const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { Pool } = require('pg');

// Nobody listens to its errors.
const pool = new Pool({ connectionString: PG_MASTER_URL });

test('kills the server of an open pool', async () => {
  appendFileSync(join(__dirname, 'runs'), 'x');
  await pool.query('SELECT 1');
  await pgCluster.killMaster();
  await new Promise((resolve) => setTimeout(resolve, 300));
});

test('goes on', async () => {
  expect(await pgCluster.master.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
