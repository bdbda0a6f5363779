/**
 * @jest-environment ./foreign.js
 */
const { Pool } = require('pg');

// Never ended, and nobody listens to its errors.
const pool = new Pool();

test('asks', async () => {
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
