import { Client } from 'pg';
import postgres from 'postgres';
import { heal } from '../../../../src/cluster/lifecycle/heal';
import type { PgNode } from '../../../../src/handle/pg-node';
import { useCluster } from '../../../support/cluster';
import { failure } from '../../../support/failure';
import { rows } from '../../../support/rows';
import { until } from '../../../support/until';

const the = useCluster({ slaves: 0 });
let master: PgNode;
beforeAll(async () => {
  master = the.pgCluster.master;
  await rows(master.url, 'CREATE TABLE t (a int)');
});
afterEach(async () => {
  await the.pgCluster.heal();
  await rows(master.url, 'TRUNCATE t');
});

const written = async () =>
  (await rows(master.url, 'SELECT a FROM t ORDER BY a')).map(({ a }) => a);

/** What became of a query on a connection of its own. */
async function outcome(work: (client: Client) => Promise<unknown>): Promise<string> {
  const client = new Client({ connectionString: master.url, application_name: 'app' });
  client.on('error', () => {});
  await client.connect();
  try {
    await work(client);
    return 'done';
  } catch (error) {
    return (error as Error).message;
  } finally {
    client.end().catch(() => {});
  }
}
// biome-ignore-start lint/suspicious/noThenProperty: words, which nobody can call
const closed = { then: 'close' } as const;
const silent = { then: 'silence' } as const;
const wrong = { lose: 'all', then: 'end', times: 0 };
// biome-ignore-end lint/suspicious/noThenProperty: words, which nobody can call
const lost = /ECONNRESET|terminated/;

test.each<[string, (client: Client) => Promise<unknown>, number[]]>([
  ['a query by itself', (client) => client.query('INSERT INTO t VALUES (1)'), [1]],
  ['one with parameters', (client) => client.query('INSERT INTO t VALUES ($1)', [1]), [1]],
  [
    'one of several in a query',
    (client) => client.query('SELECT 1; INSERT INTO t VALUES (1); SELECT 2'),
    [1],
  ],
])('the reply to %s is lost, and the server has done it', async (_, work, expected) => {
  const trap = await master.cutAt(/^insert into t/i);
  await expect(outcome(work)).resolves.toMatch(lost);
  const hit = await trap.hit();
  expect(hit).toEqual({
    sql: expect.stringContaining('INSERT INTO t VALUES'),
    node: 'pg0',
    applicationName: 'app',
    at: expect.any(Number),
    tag: 'INSERT 0 1',
  });
  expect(Math.abs(Date.now() - hit.at)).toBeLessThan(10_000);
  expect(trap.hits).toEqual([hit]);
  await expect(written()).resolves.toEqual(expected);
  // It is spent.
  await expect(outcome((client) => client.query('INSERT INTO t VALUES (2)'))).resolves.toBe('done');
  expect((await heal(the.cluster)).what).toEqual([]);
  expect(the.pgCluster.timeline.at(-1)).toMatchObject({
    act: 'lose reply',
    node: 'pg0',
    detail: expect.stringMatching(/^INSERT .* \(INSERT 0 1\)$/),
  });
});

test('a statement that was prepared by name, long before, is caught each time', async () => {
  const client = new Client(master.url);
  client.on('error', () => {});
  await client.connect();
  const insert = (a: number) =>
    client.query({ name: 'insert', text: 'INSERT INTO t VALUES ($1)', values: [a] });
  await insert(1);
  const trap = await master.cutAt('insert  into T', { lose: 'request' });
  await expect(insert(2)).rejects.toThrow(lost);
  expect(await trap.hit()).toMatchObject({ tag: null });
  await expect(written()).resolves.toEqual([1]);
});

test('postgres.js, which prepares and pipelines, meets it as well', async () => {
  const sql = postgres(master.url, { max: 1, onnotice: () => {} });
  await sql`INSERT INTO t VALUES (${1})`;
  const trap = await master.cutAt(/^insert/i, closed);
  await expect(sql`INSERT INTO t VALUES (${2})`).rejects.toMatchObject({
    code: expect.stringMatching(/CONNECTION_(CLOSED|DESTROYED)/),
  });
  await expect(trap.hit()).resolves.toMatchObject({ tag: 'INSERT 0 1' });
  // It waits for lost connections, unless it is told not to.
  await sql.end({ timeout: 0 });
  await expect(written()).resolves.toEqual([1, 2]);
});

test('several traps wait at once, and one may spring several times', async () => {
  const first = await master.cutAt(/values \(1\)/i, { times: 2 });
  const second = await master.cutAt(/values \(2\)/i, { lose: 'request' });
  const insert = (a: number) => outcome((client) => client.query(`INSERT INTO t VALUES (${a})`));
  const told = [
    await insert(1),
    await insert(2),
    await insert(3),
    await insert(1),
    await insert(1),
  ];
  expect(told.map((text) => lost.test(text))).toEqual([true, true, false, true, false]);
  await until('the hits to be known', () => first.hits.length === 2 && second.hits.length === 1);
  await expect(written()).resolves.toEqual([1, 1, 1, 3]);
});

test('silence: the client hears nothing until after heal', async () => {
  const trap = await master.cutAt(/^insert/i, silent);
  let told = 'nothing';
  const over = outcome((client) => client.query('INSERT INTO t VALUES (1)')).then((text) => {
    told = text;
  });
  await trap.hit();
  await rows(master.url, 'SELECT pg_sleep(0.3)');
  expect(told).toBe('nothing');
  await expect(written()).resolves.toEqual([1]);
  expect((await heal(the.cluster)).what).toEqual(['pg0 was silenced']);
  void over;
});

test('a trap that never sprang is told by heal, which disarms it', async () => {
  const trap = await master.cutAt(/^never/i);
  await expect(trap.hit({ timeoutMs: 50 })).rejects.toMatchObject(
    failure(
      'TIMEOUT',
      /^waited .* for pg0 to get a statement that matches \/\^never\/i; last seen/,
    ),
  );
  expect((await heal(the.cluster)).what).toEqual(['the trap of pg0 at /^never/i never sprang']);
  await expect(trap.hit()).rejects.toMatchObject(failure('STATE', /the trap was disarmed/));
  await expect(outcome((client) => client.query('NEVER'))).resolves.toMatch(/syntax error/);
});

test('disarm ends it; a restart of the server does not, a reset does', async () => {
  const insert = () => outcome((client) => client.query('INSERT INTO t VALUES (1)'));
  const first = await master.cutAt(/^insert/i);
  await first.disarm();
  await first.disarm();
  expect(the.pgCluster.timeline.slice(-2).map(({ outcome: o }) => o)).toEqual([
    'done',
    'unchanged',
  ]);
  await expect(insert()).resolves.toBe('done');
  await master.cutAt(/^insert/i);
  await master.restart();
  await expect(insert()).resolves.toMatch(lost);

  await master.cutAt(/^insert/i);
  await the.pgCluster.reset();
  await rows(master.url, 'CREATE TABLE t (a int)');
  await expect(insert()).resolves.toBe('done');
  expect(the.cluster.faults.all).toEqual([]);
});

test('takes patterns and texts, and nothing else', async () => {
  for (const given of [' ', 1, undefined]) {
    await expect(master.cutAt(given as never)).rejects.toMatchObject(
      failure('ARGUMENT', /^cutAt\(\): statement must be a regular expression, or a text that/),
    );
  }
  await expect(master.cutAt(/x/, wrong as never)).rejects.toMatchObject(
    failure('ARGUMENT', /lose must be .*; then must be .*; times must be /),
  );
});
