const { Pool } = require('pg');

// Never ended.
const pool = new Pool({ connectionString: PG_MASTER_URL }).on('error', () => {});

test('asks', async () => {
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
