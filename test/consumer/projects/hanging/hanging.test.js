const { Client } = require('pg');

const client = new Client();

beforeAll(() => client.connect());
afterAll(() => client.end());

test('waits for a paused master until its time is up', async () => {
  await pgCluster.pauseMaster();
  await client.query('CREATE TABLE late ()');
}, 1000);

test('the next one is fine', async () => {
  await client.query('CREATE TABLE written ()');
  await pgCluster.waitForCatchup();
});
