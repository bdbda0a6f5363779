const { Client } = require('pg');

test('passes', async () => {});

test('fails', async () => {
  const client = new Client({ connectionString: PG_MASTER_URL });
  await client.connect();
  await pgCluster.pauseSlave();
  await client.query('SELECT 1/0 AS secret_column').catch(() => {});
  await client.end();
  expect('this').toBe(`that ${PG_MASTER_URL}`);
});

describe('a block', () => {
  test('fails', async () => {
    throw new Error('the other one of that name');
  });
});
