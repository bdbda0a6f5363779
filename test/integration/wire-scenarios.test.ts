import { Client, Pool } from 'pg';
import postgres from 'postgres';
import '../../src/jest/matchers/matchers';
import { useCluster } from '../support/cluster';
import { rows } from '../support/rows';
import { until } from '../support/until';

const the = useCluster({ slaves: 1 });
afterEach(() => the.pgCluster.heal());

/** What an application does that tries again after a lost connection. */
async function placeOrder(key: string | null): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new Client(the.pgCluster.masterUrl);
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('BEGIN');
      await client.query('INSERT INTO orders (key) VALUES ($1) ON CONFLICT DO NOTHING', [key]);
      await client.query('COMMIT');
      return attempt;
    } catch (error) {
      if (attempt === 3) throw error;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

const orders = async () =>
  Number((await rows(the.pgCluster.masterUrl, 'SELECT count(*) AS n FROM orders'))[0]?.n);

beforeAll(async () => {
  await rows(the.pgCluster.masterUrl, 'CREATE TABLE orders (key text UNIQUE)');
});
beforeEach(async () => {
  await rows(the.pgCluster.masterUrl, 'TRUNCATE orders');
});

describe('the reply to a COMMIT is lost', () => {
  test('a retry without an idempotency key writes twice', async () => {
    const trap = await the.pgCluster.master.cutAt(/^commit/i);
    await expect(placeOrder(null)).resolves.toBe(2);
    await expect(trap.hit()).resolves.toMatchObject({ sql: 'COMMIT', tag: 'COMMIT', node: 'pg0' });
    await expect(orders()).resolves.toBe(2);
  });

  test('with one, it writes once', async () => {
    await the.pgCluster.master.cutAt(/^commit/i);
    await expect(placeOrder('one')).resolves.toBe(2);
    await expect(orders()).resolves.toBe(1);
  });

  test('through another driver, which says it in its own words', async () => {
    const sql = postgres(the.pgCluster.masterUrl, { max: 1, onnotice: () => {} });
    const trap = await the.pgCluster.master.cutAt('commit');
    await expect(
      sql.begin((transaction) => transaction`INSERT INTO orders (key) VALUES ('one')`),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/CONNECTION_(CLOSED|DESTROYED)|ECONNRESET/),
    });
    await expect(trap.hit()).resolves.toMatchObject({ tag: 'COMMIT' });
    await sql.end({ timeout: 0 });
    await expect(orders()).resolves.toBe(1);
  });
});

test('the request is lost: nothing was written, and a retry writes once', async () => {
  const trap = await the.pgCluster.master.cutAt(/^commit/i, { lose: 'request' });
  await expect(placeOrder(null)).resolves.toBe(2);
  expect(trap.hits).toMatchObject([{ tag: null }]);
  await expect(orders()).resolves.toBe(1);
});

test('an INSERT that commits by itself is there, though its client never hears', async () => {
  const pool = new Pool({ connectionString: the.pgCluster.masterUrl });
  pool.on('error', () => {});
  const trap = await the.pgCluster.master.cutAt('insert into orders');
  await expect(pool.query(`INSERT INTO orders VALUES ('a')`)).rejects.toThrow(
    /ECONNRESET|terminated/,
  );
  await expect(trap.hit()).resolves.toMatchObject({ tag: 'INSERT 0 1' });
  await expect(pool.query('SELECT count(*)::int AS n FROM orders')).resolves.toMatchObject({
    rows: [{ n: 1 }],
  });
  await pool.end();
});

test('a pool behind a slow network takes 30 ms more a query, and no more after heal', async () => {
  const pool = new Pool({ connectionString: the.pgCluster.masterUrl, max: 3 });
  const timed = async () => {
    const startedAt = performance.now();
    await Promise.all([1, 2, 3].map(() => pool.query('SELECT 1')));
    return performance.now() - startedAt;
  };
  await timed();
  await the.pgCluster.master.throttle({ latencyMs: 30 });
  await expect(timed()).resolves.toBeGreaterThanOrEqual(29);
  await the.pgCluster.heal();
  const times = [];
  for (let time = 0; time < 5; time += 1) times.push(await timed());
  expect(Math.min(...times)).toBeLessThan(29);
  await pool.end();
});

test('drivers hear 57P03 as from a server that starts up, and get in when that is over', async () => {
  const { master } = the.pgCluster;
  const open = new Client(master.url);
  await open.connect();
  await master.refuseConnections('starting up');
  const refused = { code: '57P03', message: 'the database system is starting up' };
  await expect(rows(master.url, 'SELECT 1')).rejects.toMatchObject(refused);
  const sql = postgres(master.url, { max: 1 });
  await expect(sql`SELECT 1`).rejects.toMatchObject(refused);
  await expect(open.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
  await master.acceptConnections();
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  await sql.end();
  await open.end();
});

test('a client that listens hears nothing after a reset, until it listens again', async () => {
  const { master } = the.pgCluster;
  const listen = async () => {
    const client = new Client(master.url);
    const heard: string[] = [];
    client.on('notification', ({ payload }) => heard.push(payload ?? ''));
    const lost = new Promise<Error>((resolve) => client.on('error', resolve));
    await client.connect();
    await client.query('LISTEN news');
    return { client, heard, lost };
  };
  const before = await listen();
  await master.query(`NOTIFY news, 'one'`);
  await until('the first news', () => before.heard.length === 1);
  await expect(master.resetConnections()).resolves.toBe(1);
  await expect(before.lost).resolves.toMatchObject({ code: 'ECONNRESET' });
  await master.query(`NOTIFY news, 'two'`);
  const after = await listen();
  await master.query(`NOTIFY news, 'three'`);
  await until('the third news', () => after.heard.length === 1);
  expect([before.heard, after.heard]).toEqual([['one'], ['three']]);
  await after.client.end();
});

test('a writer that moves late leads to the former master, which takes no writes any more', async () => {
  const { pgCluster } = the;
  await pgCluster.writer.follow({ delayMs: 2000 });
  const before = pgCluster.master;
  await pgCluster.switchover();
  expect(pgCluster.writer.targets.map(({ name }) => name)).toEqual([before.name]);
  const write = () => rows(pgCluster.writer.url, `INSERT INTO orders VALUES (NULL)`);
  await expect(write()).rejects.toMatchObject({ code: '25006' });
  await until('the writer to move', async () => write().then(() => true, String), 10_000);
  expect(pgCluster.writer.targets).toEqual([pgCluster.master]);
});
