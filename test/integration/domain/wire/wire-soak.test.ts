import { Client, Pool } from 'pg';
import { Wire } from '../../../../src/wire/wire';
import { figure } from '../../../engine/figures';
import { useCluster } from '../../../support/cluster';
import { memoryOf } from '../../../support/memory';
import { rows } from '../../../support/rows';

/** In all, `npm run test:soak` asks for more. */
const connections = Number(process.env.PG_CLUSTER_WIRE_CONNECTIONS ?? 200);
const transfers = Number(process.env.PG_CLUSTER_WIRE_TRANSFERS ?? 400);
const atOnce = 8;
const accounts = 20;

const the = useCluster({ slaves: 1, settings: { max_connections: 100 } });

/** As pgbench's: money moves, and each move is written down. */
async function transfer(pool: Pool, n: number): Promise<void> {
  const [from, to] = [n % accounts, (n * 7 + 3) % accounts];
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const [id, change] of [
      [Math.min(from, to), -n],
      [Math.max(from, to), n],
    ]) {
      await client.query('UPDATE account SET money = money + $1 WHERE id = $2', [change, id]);
    }
    await client.query({ name: 'note', text: 'INSERT INTO moved VALUES ($1)', values: [n] });
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

test('transfers of many clients: none is lost, while some clients are reset', async () => {
  const { master } = the.pgCluster;
  await rows(
    master.url,
    `CREATE TABLE account AS SELECT id, 0::bigint AS money FROM generate_series(0, ${accounts - 1}) AS id;
     CREATE UNIQUE INDEX ON account (id); CREATE TABLE moved (n int PRIMARY KEY)`,
  );
  const pool = new Pool({ connectionString: master.url, max: atOnce });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const confirmed: number[] = [];
  let next = 0;
  const work = async () => {
    while (next < transfers) {
      next += 1;
      const n = next;
      await transfer(pool, n).then(
        () => confirmed.push(n),
        () => {},
      );
      if (n % 100 === 0) await master.resetConnections({ pid: await somePid(master.url) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  await pool.end();

  const moved = (await rows(master.url, 'TABLE moved')).map(({ n }) => n);
  expect(confirmed.filter((n) => !moved.includes(n))).toEqual([]);
  expect(moved.length).toBeGreaterThan(transfers * 0.8);
  expect(await rows(master.url, 'SELECT sum(money)::int AS sum FROM account')).toEqual([
    { sum: 0 },
  ]);
  await the.pgCluster.waitForCatchup();
  const [slave] = the.pgCluster.slaveUrls;
  expect(await rows(String(slave), 'SELECT count(*)::int AS n FROM moved')).toEqual([
    { n: moved.length },
  ]);
  figure('transfers through the wire', transfers);
});

async function somePid(url: string): Promise<number> {
  const sql = `SELECT pid FROM pg_stat_activity WHERE usename = 'testsuite' AND pid <> pg_backend_pid() LIMIT 1`;
  const [row] = await rows(url, sql);
  return Number(row?.pid ?? 0);
}

test('after many connections the wire takes no more memory than before', async () => {
  const one = async () => {
    const client = new Client(the.pgCluster.masterUrl);
    await client.connect();
    await client.query('SELECT repeat($1, 10000)', ['x']);
    await client.end();
  };
  const some = async (count: number) => {
    for (let done = 0; done < count; done += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, one));
    }
    return memoryOf(Wire.ofProcess.pid);
  };
  const first = await some(connections / 2);
  const second = await some(connections / 2);
  // What a garbage collector leaves for later.
  expect(second - first).toBeLessThan(10_000_000);
  figure('connections through the wire', connections);
});
