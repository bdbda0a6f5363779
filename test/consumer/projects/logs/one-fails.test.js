const { Client } = require('pg');

const client = new Client();

beforeAll(() => client.connect());
afterAll(() => client.end());

test('passes, with an error that it expects', async () => {
  await expect(client.query('SELECT * FROM nowhere')).rejects.toThrow();
});

test('divides while a slave hangs', async () => {
  await pgCluster.pauseSlave();
  await client.query('SELECT 1/0');
});

test('passes again', async () => {
  await expect(client.query('SELECT * FROM elsewhere')).rejects.toThrow();
});
