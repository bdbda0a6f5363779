import { client, server } from '../support/pg-messages';
import { loggedIn } from '../support/wire-session';

const { query, parse, bind, execute, describe: ask, close, sync } = client;
const { complete, ready, parsed, bound, error } = server;

test('a statement under way has no end; then it has one', async () => {
  const it = loggedIn();
  const before = Date.now();
  it.says(query('SELECT pg_sleep(1)'));
  const [running] = it.log.tell({});
  expect(running).toMatchObject({ durationMs: null, tag: null, sqlState: null, rows: 0 });
  expect(running).toMatchObject({ user: 'ann', database: 'shop', applicationName: 'app', pid: 7 });
  expect(running?.at).toBeGreaterThan(before - 100);
  expect(running?.at).toBeLessThan(Date.now() + 100);
  await new Promise((resolve) => setTimeout(resolve, 30));
  it.answers(complete('SELECT 1'), ready());
  const [done] = it.log.tell({});
  expect(done?.durationMs).toBeGreaterThan(20);
  expect(done).toMatchObject({ tag: 'SELECT 1', rows: 1, at: running?.at });
});

test.each([
  ['SELECT 5', 5],
  ['INSERT 0 6', 6],
  ['UPDATE 7', 7],
  ['DELETE 8', 8],
  ['MERGE 9', 9],
  ['COPY 10', 10],
  ['FETCH 11', 11],
  ['MOVE 12', 12],
  ['CREATE TABLE', 0],
])('%s: %i rows', (tag, rows) => {
  const it = loggedIn();
  it.says(query('whatever'));
  it.answers(complete(tag), ready());
  expect(it.records()).toMatchObject([{ tag, rows }]);
});

test('parameters are told only to who asks for them', () => {
  const it = loggedIn();
  const values = ['text', null, Buffer.from([1, 0xab]), 'x'.repeat(2000)];
  it.says(parse('SELECT $1'), bind(values), execute(), sync, query('SELECT 1'));
  expect(it.records().every((record) => !('parameters' in record))).toBe(true);
  const parameters = ['text', null, '\\x01ab', `${'x'.repeat(1024)}…`];
  expect(it.records({ parameters: true })).toMatchObject([{ parameters }, { parameters: [] }]);
});

test('only so many parameters are kept, and so much of them', () => {
  const it = loggedIn();
  it.says(parse('SELECT $1'), bind(Array.from({ length: 200 }, String)), execute());
  it.says(bind(['x'.repeat(100_000), 'y']), execute(), sync);
  const [many, long] = it.log.tell({ parameters: true });
  expect(many?.parameters).toHaveLength(100);
  expect(long?.parameters?.[0]).toBe(`${'x'.repeat(1024)}…`);
  expect(long?.parameters?.[1]).toBe('…');
});

test('a long text is cut, however it came', () => {
  const sql = `SELECT '${'x'.repeat(100_000)}'`;
  const whole = loggedIn();
  whole.says(query(sql));
  const pieces = loggedIn();
  const bytes = query(sql);
  for (let at = 0; at < bytes.length; at += 1000) pieces.says(bytes.subarray(at, at + 1000));
  for (const it of [whole, pieces]) {
    const [record] = it.log.tell({});
    expect(record?.sql).toBe(`${sql.slice(0, 65_536)}…`);
  }
});

test('what came in pieces is told as it was, though chunks are overwritten', () => {
  const it = loggedIn();
  const bytes = query("SELECT 'in pieces'");
  for (let at = 0; at < bytes.length; at += 4) {
    const chunk = Buffer.from(bytes.subarray(at, at + 4));
    it.session.fromClient(chunk);
    chunk.fill('?');
  }
  expect(it.tags()).toEqual([["SELECT 'in pieces'", null]]);
});

test('what is asked for is told', () => {
  const it = loggedIn();
  it.says(query('SELECT 1'), query(' \n UPDATE t SET a = 1 '));
  const sqls = (which: Parameters<typeof it.log.tell>[0]) =>
    it.log.tell(which).map(({ sql }) => sql);
  expect(sqls({})).toEqual(['SELECT 1', 'UPDATE t SET a = 1']);
  expect(sqls({ matching: { source: '^update', flags: 'gi' } })).toEqual(['UPDATE t SET a = 1']);
  expect(sqls({ matching: { text: 'select  1' } })).toEqual(['SELECT 1']);
  expect(sqls({ since: Date.now() + 1000 })).toEqual([]);
  it.log.forget();
  expect(sqls({})).toEqual([]);
});

test('the newest ten thousand are kept', () => {
  const it = loggedIn();
  for (let n = 0; n < 25_000; n += 1) it.says(query(`SELECT ${n}`));
  const records = it.log.tell({});
  expect(records).toHaveLength(10_000);
  expect(records.at(-1)?.sql).toBe('SELECT 24999');
  expect(records[0]?.sql).toBe('SELECT 15000');
});

test.each([
  ['texts', (n: number) => query(`SELECT ${n} /* ${'x'.repeat(50_000)} */`)],
  [
    'parameters',
    (n: number) =>
      Buffer.concat([parse(`SELECT ${n}`), bind(['x'.repeat(50_000)]), execute(), sync]),
  ],
])('fewer are kept of which the %s are long', (_, message) => {
  const it = loggedIn();
  for (let n = 0; n < 2000; n += 1) it.says(message(n));
  const records = it.log.tell({});
  expect(records.length).toBeGreaterThan(50);
  expect(records.length).toBeLessThan(600);
  expect(records.at(-1)?.sql).toMatch(/^SELECT 1999/);
});

test('a prepared statement goes by its name until that is closed, or given to another', () => {
  const it = loggedIn();
  const run = [bind([], 's'), execute(), sync];
  it.says(parse('SELECT 1', 's'), sync, ...run, close('s'), parse('SELECT 2', 's'), ...run);
  expect(it.tags().map(([sql]) => sql)).toEqual(['SELECT 1', 'SELECT 2']);
});

test('a name that the server would not give away stays what it was', () => {
  const it = loggedIn();
  it.says(parse('SELECT 1', 's'), sync);
  it.answers(parsed, ready());
  it.says(parse('SELECT 2', 's'), bind([], 's'), execute(), close('s'), sync);
  it.answers(error('42P05'), ready());
  it.says(bind([], 's'), execute(), sync);
  expect(it.tags()).toEqual([
    ['SELECT 2', '42P05'],
    ['SELECT 1', null],
  ]);
});

test('what an error before it kept from being run is not told, whenever it comes', () => {
  const it = loggedIn();
  const one = [parse('SELECT 1'), bind(), execute()];
  const two = [parse('SELECT 2'), bind(), ask(), execute()];
  it.says(...one, ...two, query('SELECT 3'));
  it.answers(error('22012'));
  it.says(...two, query('SELECT 4'));
  it.says(sync);
  it.answers(ready());
  it.says(query('SELECT 5'));
  it.answers(complete('SELECT 1'), ready());
  expect(it.tags()).toEqual([
    ['SELECT 1', '22012'],
    ['SELECT 5', 'SELECT 1'],
  ]);
});

test('an error while one is only prepared is nobody else’s', () => {
  const it = loggedIn();
  it.says(parse('nonsense', 's'), ask('s', 'S'), sync, query('SELECT 1'));
  it.answers(error('42601'), ready(), complete('SELECT 1'), ready());
  expect(it.tags()).toEqual([['SELECT 1', 'SELECT 1']]);
});

describe('a Sync that comes with an Execute', () => {
  const copy = [parse('COPY t FROM STDIN'), bind(), execute(), sync];
  const data = [client.copyData('1\n'), client.copyDone, sync];
  const next = query('SELECT 1');
  const end = [complete('COPY 1'), ready(), complete('SELECT 1'), ready()];
  const tags = [
    ['COPY t FROM STDIN', 'COPY 1'],
    ['SELECT 1', 'SELECT 1'],
  ];

  test('is not heard by a server that reads a copy', () => {
    const it = loggedIn();
    it.says(...copy);
    it.answers(parsed, bound, server.copyIn);
    it.says(...data);
    it.says(next);
    it.answers(...end);
    expect(it.tags()).toEqual(tags);
  });

  test('nor if all came before the server’s answer, or while it copies', () => {
    const early = loggedIn();
    early.says(...copy, ...data, next);
    early.answers(parsed, bound, server.copyIn, ...end);
    expect(early.tags()).toEqual(tags);

    const late = loggedIn();
    late.says(...copy.slice(0, 3));
    late.answers(parsed, bound, server.copyIn);
    late.says(sync, ...data, next);
    late.answers(...end);
    expect(late.tags()).toEqual(tags);
  });

  test('is heard when the copy failed to begin', () => {
    const it = loggedIn();
    it.says(...copy);
    it.answers(parsed, bound, error('42P01'), ready());
    it.says(next);
    it.answers(complete('SELECT 1'), ready());
    expect(it.tags()).toEqual([
      ['COPY t FROM STDIN', '42P01'],
      ['SELECT 1', 'SELECT 1'],
    ]);
  });
});

test('what a client does not wait for the login to say is told', () => {
  const it = loggedIn();
  it.says(query('SELECT 1'), query('SELECT 2'));
  it.answers(complete('SELECT 1'), ready(), error('57014'), ready());
  expect(it.tags()).toEqual([
    ['SELECT 1', 'SELECT 1'],
    ['SELECT 2', '57014'],
  ]);
});

test('statements that the server tells otherwise are one', () => {
  const it = loggedIn();
  it.says(query('SELECT 1; SELECT 2'));
  it.answers(...['SELECT 1', 'SELECT 2', 'SELECT 3'].map(complete), ready());
  expect(it.tags()).toEqual([['SELECT 1; SELECT 2', 'SELECT 3']]);
});
