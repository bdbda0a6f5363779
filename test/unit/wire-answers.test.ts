import { client, server } from '../support/pg-messages';
import { loggedIn } from '../support/wire-session';

const { query, parse, bind, execute, describe: ask, close, sync } = client;
const { complete, ready, parsed, bound, error } = server;

/** Which of a client's messages an answer belongs to, as the log tells it. */
const select = (n: number, name = '') => parse(`SELECT ${n}`, name);

test('an error at a Describe is that of the execution it was for', () => {
  const it = loggedIn();
  it.says(select(1), bind(), ask('nobody knows it'), execute(), sync);
  it.answers(parsed, bound, error('34000'), ready());
  expect(it.tags()).toEqual([['SELECT 1', '34000']]);
});

test('if there was none before the Sync, it is nobody’s', () => {
  const it = loggedIn();
  it.says(ask('nobody knows it', 'S'), sync, query('SELECT 1'));
  it.answers(error('26000'), ready());
  expect(it.tags()).toEqual([['SELECT 1', null]]);
  it.answers(complete('SELECT 1'), ready());
  expect(it.tags()).toEqual([['SELECT 1', 'SELECT 1']]);
});

test('an error of an idle server does not undo what was done before', () => {
  const it = loggedIn();
  it.says(select(1), bind(), execute(), sync);
  it.answers(parsed, bound, complete('SELECT 1'), ready());
  it.says(sync);
  it.answers(error('57P01', 'FATAL'));
  expect(it.tags()).toEqual([['SELECT 1', 'SELECT 1']]);
});

test('a function call has an answer of its own, which may be an error', () => {
  const it = loggedIn();
  it.says(client.functionCall, query('SELECT 1'), client.functionCall, query('SELECT 2'));
  it.answers(server.functionResult, ready(), complete('SELECT 1'), ready());
  it.answers(error('42883'), ready(), complete('SELECT 1'), ready());
  expect(it.tags()).toEqual([
    ['SELECT 1', 'SELECT 1'],
    ['SELECT 2', 'SELECT 1'],
  ]);
});

test('a name that was given away while the server skipped is what it was', () => {
  const it = loggedIn();
  it.says(select(1, 's'), sync);
  it.answers(parsed, ready());
  it.says(parse('nonsense'));
  it.answers(error('42601'));
  it.says(close('s'), select(2, 's'), sync, bind([], 's'), execute(), sync);
  expect(it.tags()).toEqual([['SELECT 1', null]]);
});

test('thousands that were asked for at once are answered in order', () => {
  const it = loggedIn();
  const many = Array.from({ length: 3000 }, (_, n) => n);
  it.says(...many.map((n) => query(`SELECT ${n}`)));
  for (const n of many) it.answers(complete(`UPDATE ${n}`), ready());
  expect(it.tags()).toEqual(many.map((n) => [`SELECT ${n}`, `UPDATE ${n}`]));
});

test('a copy that a client gives up is over, and what follows it is told', () => {
  const it = loggedIn();
  it.says(parse('COPY t FROM STDIN'), bind(), execute());
  it.answers(parsed, bound, server.copyIn);
  it.says(client.copyFail, sync);
  it.answers(error('57014'), ready());
  it.says(query('SELECT 1'));
  it.answers(complete('SELECT 1'), ready());
  expect(it.tags()).toEqual([
    ['COPY t FROM STDIN', '57014'],
    ['SELECT 1', 'SELECT 1'],
  ]);
});

test('a statement and a portal of one name are two', () => {
  const it = loggedIn();
  it.says(select(1, 'x'), bind([], 'x', 'x'), close('x', 'P'), bind([], 'x'), execute(), sync);
  it.says(bind([], 'x', 'x'), close('x', 'S'), execute('x'), sync);
  expect(it.tags().map(([sql]) => sql)).toEqual(['SELECT 1', 'SELECT 1']);
});

test.each(["SELECT 1; SELECT 'never closed", 'SELECT 1; \\d', 'COPY t FROM stdin; 1'])(
  'a text that is no SQL is told as it is: %s',
  (text) => {
    const it = loggedIn();
    it.says(query(text));
    expect(it.tags()).toHaveLength(1);
    it.answers(error('42601'), ready());
    expect(it.tags()).toEqual([[text, '42601']]);
  },
);

test('a Query with a wrong statement is told as a whole, since nothing of it was run', () => {
  const it = loggedIn();
  it.says(query('SELECT 1; SELEC 2'));
  it.answers(error('42601'), ready());
  expect(it.tags()).toEqual([['SELECT 1; SELEC 2', '42601']]);
});

test('who runs it is who the client is at that moment', () => {
  const it = loggedIn();
  it.says(query('SELECT 1'));
  it.answers(complete('SELECT 1'), server.parameter('application_name', 'later'), ready());
  it.says(query('SELECT 2'));
  expect(it.records().map(({ applicationName }) => applicationName)).toEqual(['app', 'later']);
});

test('what our own sessions run is not told', () => {
  const it = loggedIn();
  it.answers(server.parameter('application_name', 'jest-environment-pg-cluster ledger'));
  it.says(query('SELECT 1'));
  it.answers(complete('SELECT 1'), server.parameter('application_name', 'app'), ready());
  it.says(query('SELECT 2'));
  expect(it.tags()).toEqual([['SELECT 2', null]]);
});

test('the time of each statement of a Query begins where the one before it ended', async () => {
  const it = loggedIn();
  it.says(query('SELECT 1; SELECT 2'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  it.answers(complete('SELECT 1'));
  expect(it.tags()).toEqual([['SELECT 1', 'SELECT 1']]);
  const middle = Date.now();
  it.answers(complete('SELECT 1'), ready());
  const [first, second] = it.log.tell({});
  expect(first?.durationMs).toBeGreaterThan(20);
  expect(second?.at).toBeGreaterThan((first?.at ?? 0) + 20);
  expect(second?.at).toBeLessThan(middle + 20);
  // Only those that began then, whenever they ended.
  expect(it.log.tell({ since: (first?.at ?? 0) + 20 })).toHaveLength(1);
});
