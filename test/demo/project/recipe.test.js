const { Pool } = require('pg');

// An application that writes to the master and reads from the slaves.
const writer = new Pool({ connectionString: PG_MASTER_URL, query_timeout: 1000 });
const readers = PG_SLAVE_URLS.map((connectionString) => new Pool({ connectionString }));
const pools = [writer, ...readers];
for (const pool of pools) pool.on('error', () => {});

const save = (item) => writer.query('INSERT INTO orders (item) VALUES ($1)', [item]);
const list = async (reader) => {
  const { rows } = await reader.query('SELECT item FROM orders ORDER BY id');
  return rows.map(({ item }) => item);
};

beforeAll(async () => {
  const { nodes } = await pgCluster.status();
  for (const { name, role, streaming } of nodes) {
    tell(`${name} is a ${role}${streaming ? ' and streams' : ''}`);
  }
  await writer.query('CREATE TABLE orders (id serial, item text)');
});
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

describe('act 1: all servers up', () => {
  test('what the master takes, every slave shows', async () => {
    await timed('INSERT on the master', save('tea'));
    await timed('both slaves have caught up', pgCluster.waitForCatchup());
    for (const reader of readers) expect(await list(reader)).toEqual(['tea']);
  });
});

describe('act 2: the master is paused', () => {
  beforeAll(() => timed('pauseMaster()', pgCluster.pauseMaster()));
  afterAll(() => timed('unpauseMaster()', pgCluster.unpauseMaster()));

  test('a write hangs until the application gives up', async () => {
    const write = save('coffee');
    await timed(
      'INSERT on the master',
      write.catch(() => {}),
    );
    await expect(write).rejects.toThrow('timeout');
  });

  test('reads go on', async () => {
    for (const reader of readers) {
      expect(await timed('SELECT on a slave', list(reader))).toEqual(['tea']);
    }
  });
});

describe('act 3: the master is back', () => {
  test('writes work again and reach every slave', async () => {
    await timed('INSERT on the master', save('cocoa'));
    await pgCluster.waitForCatchup();
    for (const reader of readers) expect(await list(reader)).toContain('cocoa');
  });
});

async function timed(what, promise) {
  const startedAt = performance.now();
  const result = await promise;
  tell(`${what}: ${Math.round(performance.now() - startedAt)} ms`);
  return result;
}

function tell(text) {
  process.stderr.write(`    ${text}\n`);
}
