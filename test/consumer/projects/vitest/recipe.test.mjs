import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

const pools = [PG_MASTER_URL, PG_SLAVE_URLS[0]].map((connectionString) => {
  const pool = new Pool({ connectionString, query_timeout: 500, connectionTimeoutMillis: 500 });
  return pool.on('error', () => {});
});
const [writer, reader] = pools;
const save = (id) => writer.query('INSERT INTO orders VALUES ($1)', [id]);
const list = async () => {
  const { rows } = await reader.query('SELECT id FROM orders ORDER BY id');
  return rows.map(({ id }) => id);
};

beforeAll(async () => {
  await writer.query('CREATE TABLE orders (id integer PRIMARY KEY)');
});
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

test('all servers are up', async () => {
  await save(1);
  await pgCluster.waitForCatchup();
  expect(await list()).toEqual([1]);
});

test('the master hangs: writes fail, reads go on', async () => {
  await pgCluster.pauseMaster();
  await expect(save(2)).rejects.toThrow(/timeout/);
  expect(await list()).toEqual([1]);
});

test('the master is back', async () => {
  await save(3);
  await pgCluster.waitForCatchup();
  expect(await list()).toContain(3);
});
