const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { Pool } = require('pg');

// Never ended, and nobody listens to its errors.
const pool = new Pool({ connectionString: PG_MASTER_URL });

test('asks without one', async () => {
  appendFileSync(join(__dirname, 'runs'), 'x');
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
