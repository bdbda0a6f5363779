const { Client } = require('pg');

async function insert() {
  const client = new Client(PG_MASTER_URL);
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.query('INSERT INTO t VALUES (1)');
  } finally {
    client.end().catch(() => {});
  }
}
const connect = (url) => new Client(url).connect();

describe('what beforeAll does to the wire', () => {
  let trap;
  beforeAll(async () => {
    trap = await pgCluster.master.cutAt(/^insert/i);
    await pgCluster.slaves[0].refuseConnections();
  });

  test.each([1, 2])('holds in test %i, and a trap springs again', async (count) => {
    await pgCluster.master.query('CREATE TABLE t (a int)');
    await expect(insert()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(trap.hits).toHaveLength(count);
    await expect(insert()).resolves.toMatchObject({ rowCount: 1 });
    await expect(connect(PG_SLAVE_URLS[0])).rejects.toMatchObject({ code: '57P03' });
  });
});

test('a trap that never sprang is told', async () => {
  await pgCluster.master.cutAt(/^no such statement/);
});

test('does not outlast its block', async () => {
  await pgCluster.master.query('CREATE TABLE t (a int)');
  await expect(insert()).resolves.toMatchObject({ rowCount: 1 });
});
