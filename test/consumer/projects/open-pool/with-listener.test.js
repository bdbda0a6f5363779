const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { Pool } = require('pg');

// Never ended.
const pool = new Pool({ connectionString: PG_MASTER_URL }).on('error', () => {});

test('asks with a listener', async () => {
  appendFileSync(join(__dirname, 'runs'), 'x');
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
