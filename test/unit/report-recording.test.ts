import { recordingOrder } from '../../src/report/recording/order';
import { withoutSecrets } from '../../src/report/recording/secrets';
import { linesOf } from '../../src/report/recording/server-logs';
import { keptOf } from '../../src/report/recording/verb';

describe('an order to record', () => {
  const given = { pid: 100, folder: '/there', sql: false };
  const env = { PG_CLUSTER_RECORDING: JSON.stringify(given) };
  const worker = ['node', '/x/node_modules/jest-worker/build/workers/processChild.js'];
  const jest = ['node', '/x/node_modules/.bin/jest'];

  test.each([
    ['Jest’s own process', { env, pid: 100, ppid: 1, argv: jest }],
    ['a worker of it', { env, pid: 101, ppid: 100, argv: worker }],
  ])('counts in %s', (_name, asked) => {
    expect(recordingOrder(asked)).toEqual(given);
  });

  test.each([
    ['a Jest that a test runs', { env, pid: 101, ppid: 100, argv: jest }],
    ['a worker of that one', { env, pid: 102, ppid: 101, argv: worker }],
    ['a process without one', { env: {}, pid: 100, ppid: 1, argv: jest }],
    ['a process with nonsense', { env: { PG_CLUSTER_RECORDING: '{' }, pid: 1, ppid: 1, argv: [] }],
  ])('does not count in %s', (_name, asked) => {
    expect(recordingOrder(asked)).toBeUndefined();
  });
});

test.each([
  ['host=a password=abc user=b', 'host=a password=*** user=b'],
  ["password='it''s' x", 'password=*** x'],
  ["ALTER ROLE a PASSWORD 'x''y' LOGIN", "ALTER ROLE a PASSWORD '***' LOGIN"],
  ["create user b password E'z'", "create user b password '***'"],
  ['postgresql://u:p%40w@h:1/d', 'postgresql://u:***@h:1/d'],
  ['PGPASSWORD=x psql', 'PGPASSWORD=*** psql'],
  ['it is correct-horse here', 'it is *** here'],
  ['the postgres database', 'the postgres database'],
  ['password authentication failed', 'password authentication failed'],
])('passwords are hidden: %s', (text, hidden) => {
  const hide = withoutSecrets(() => ['correct-horse', 'postgres', 'abc']);
  expect(hide(text)).toBe(hidden);
});

test.each([
  ['SELECT  1\n  + 1', 'SELECT', 'SELECT 1 + 1'],
  ['-- a\n/* b */ (select 1)', 'SELECT', '-- a /* b */ (select 1)'],
  ['', 'other', ''],
  [`insert ${'x'.repeat(1000)}`, 'INSERT', `insert ${'x'.repeat(492)}…`],
])('of %j the verb or the text is kept', (sql, verb, text) => {
  expect(keptOf(sql, false)).toBe(verb);
  expect(keptOf(sql, true)).toBe(text);
});

const log = [
  '2026-01-02 03:04:05.678 UTC [7] a@b ERROR:  division by zero at "secret"',
  '2026-01-02 03:04:05.679 UTC [8] LOG:  checkpoint starting',
  '2026-01-02 03:04:05.680 UTC [7] CONTEXT:  PL/pgSQL function',
  '\tsecond line',
  "2026-01-02 03:04:05.681 UTC [7] a@b STATEMENT:  SELECT 1/0 WHERE 'a' = 'b'",
  "2026-01-02 03:04:05.682 UTC [9] LOG:  duration: 1.5 ms  statement: INSERT INTO t VALUES ('a')",
  "2026-01-02 03:04:05.683 UTC [9] LOG:  execute <unnamed>: UPDATE t SET a = 'b'",
  '',
].join('\n');

test('lines of a log have their DETAIL and so on with them, and of SQL the verb', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  expect(linesOf(log, (ms) => ms - at, false)).toEqual([
    {
      at: 0,
      severity: 'ERROR',
      text: 'division by zero at "secret"\nCONTEXT: PL/pgSQL function\n\tsecond line\nSTATEMENT: SELECT',
    },
    { at: 1, severity: 'LOG', text: 'checkpoint starting' },
    { at: 4, severity: 'LOG', text: 'duration: 1.5 ms  statement: INSERT' },
    { at: 5, severity: 'LOG', text: 'execute <unnamed>: UPDATE' },
  ]);
});

test('with the text of SQL, lines of a log have all of it', () => {
  const texts = linesOf(log, (ms) => ms, true).map(({ text }) => text);
  expect(texts[0]).toContain("STATEMENT: SELECT 1/0 WHERE 'a' = 'b'");
  expect(texts[2]).toBe("duration: 1.5 ms  statement: INSERT INTO t VALUES ('a')");
});

test.each([
  ['ERROR:  no prefix', 'ERROR', 'no prefix'],
  ['me@there app: ERROR:  another prefix', 'ERROR', 'another prefix'],
  ["2026-01-02 03:04:05.678 UTC [7] ANWEISUNG:  SELECT 'secret'", 'ANWEISUNG', 'SELECT'],
  ['no severity at all', 'LOG', 'no severity at all'],
])('of %j severity and text are told', (line, severity, text) => {
  expect(linesOf(line, (ms) => ms, false)).toMatchObject([{ severity, text }]);
});
