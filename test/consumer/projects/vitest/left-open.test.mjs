import { Pool } from 'pg';
import { expect, test } from 'vitest';

test('leaves a client checked out, that nobody listens to', async () => {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL });
  const client = await pool.connect();
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
