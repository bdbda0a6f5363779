import { Client } from 'pg';
import postgres from 'postgres';
import { useCluster } from '../../../support/cluster';
import { failure } from '../../../support/failure';
import { rows } from '../../../support/rows';

const the = useCluster({ slaves: 1 });
afterEach(() => the.pgCluster.heal());

test('tell what clients ran, where, in order, and how it ended', async () => {
  const { master, slaves } = the.pgCluster;
  const [slave] = slaves;
  const since = Date.now();
  const client = new Client({ connectionString: master.url, application_name: 'app' });
  await client.connect();
  const {
    rows: [{ pid }],
  } = await client.query('SELECT pg_backend_pid() AS pid');
  await client.query('CREATE TABLE q AS SELECT generate_series(1, 3) AS a');
  await client.query('SELECT a FROM q WHERE a > $1', [1]);
  await expect(client.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
  await client.end();
  await master.query('SELECT 1 AS ours');
  await the.pgCluster.waitForCatchup();

  const told = await master.queries({ since });
  const common = {
    node: 'pg0',
    applicationName: 'app',
    user: 'testsuite',
    database: 'testsuite',
    pid,
  };
  expect(told).toEqual(
    [
      { ...common, sql: 'SELECT pg_backend_pid() AS pid', tag: 'SELECT 1', rows: 1 },
      { ...common, sql: expect.stringMatching(/^CREATE TABLE q/), tag: 'SELECT 3', rows: 3 },
      { ...common, sql: 'SELECT a FROM q WHERE a > $1', tag: 'SELECT 2', rows: 2 },
      { ...common, sql: 'SELECT nonsense', tag: null, sqlState: '42703', rows: 0 },
    ].map((query) => ({
      sqlState: null,
      at: expect.any(Number),
      durationMs: expect.any(Number),
      ...query,
    })),
  );
  const times = told.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[0]).toBeGreaterThanOrEqual(since);
  await expect(slave?.queries({ since })).resolves.toEqual([]);
});

test('are chosen by pattern, text and time; parameters are told only if asked for', async () => {
  const { master } = the.pgCluster;
  const sql = postgres(master.url, { max: 1 });
  await sql`SELECT ${'secret'}::text AS it`;
  await sql.end();
  const [found, ...more] = await master.queries({ matching: /::text AS it$/ });
  expect(more).toEqual([]);
  expect(found).not.toHaveProperty('parameters');
  await expect(
    master.queries({ matching: '::TEXT  as it', parameters: true }),
  ).resolves.toMatchObject([{ parameters: ['secret'] }]);
  await expect(master.queries({ since: Date.now() + 1000 })).resolves.toEqual([]);
  await expect(master.queries({ since: 'now', all: 1 } as never)).rejects.toMatchObject(
    failure('ARGUMENT', /^queries\(\): since must be a time .*; unknown option "all"/),
  );
});

test('are forgotten at a reset, and at no restart', async () => {
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'SELECT 1 AS kept');
  await pgCluster.master.restart();
  await expect(pgCluster.master.queries({ matching: 'kept' })).resolves.toHaveLength(1);
  await pgCluster.reset();
  await expect(pgCluster.master.queries()).resolves.toEqual([]);
});
