const { Client } = require('pg');

test('the globals are there in setupFilesAfterEnv', () => {
  expect(seenAfterEnv).toEqual({
    master: PG_MASTER_URL,
    slaves: PG_SLAVE_URLS,
    pause: 'function',
    host: '127.0.0.1',
  });
});

test('process.env has the URLs and what libpq reads', () => {
  expect(process.env.PG_MASTER_URL).toBe(PG_MASTER_URL);
  expect(process.env.PG_SLAVE_URLS).toBe(PG_SLAVE_URLS.join(','));
  const url = new URL(PG_MASTER_URL);
  expect(process.env).toMatchObject({
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: url.password,
    PGDATABASE: url.pathname.slice(1),
  });
});

test('our options are no globals', () => {
  expect(global).not.toHaveProperty('slaves');
});

describe('with clients', () => {
  const clients = [];
  const connected = async (url) => {
    const client = url ? new Client({ connectionString: url }) : new Client();
    clients.push(client);
    await client.connect();
    return client;
  };

  afterEach(() => Promise.all(clients.splice(0).map((client) => client.end())));

  test('a bare client reaches the master, and what it writes reaches both slaves', async () => {
    const master = await connected();
    await master.query('CREATE TABLE orders AS SELECT 42 AS id');
    await pgCluster.waitForCatchup();

    expect(PG_SLAVE_URLS).toHaveLength(2);
    for (const url of PG_SLAVE_URLS) {
      const slave = await connected(url);
      expect((await slave.query('SELECT id FROM orders')).rows).toEqual([{ id: 42 }]);
    }
  });

  test('a slave refuses to write', async () => {
    const slave = await connected(PG_SLAVE_URLS[0]);
    await expect(slave.query('CREATE TABLE refused ()')).rejects.toMatchObject({ code: '25006' });
  });
});
