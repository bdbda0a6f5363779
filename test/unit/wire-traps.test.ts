import { QueryLog } from '../../src/wire/protocol/query-log';
import { Traps } from '../../src/wire/protocol/traps';
import { client, server } from '../support/pg-messages';
import { loggedIn } from '../support/wire-session';
import { insert, join, pattern } from '../support/wire-statements';

const { query } = client;
const { complete, ready } = server;

const both = () => ({ traps: new Traps(), log: new QueryLog() });

test('catch as often as they are told to, on whatever connection', () => {
  const shared = both();
  const sessions = [loggedIn(shared), loggedIn(shared), loggedIn(shared)];
  sessions[0]?.arm({ pattern, lose: 'request', times: 2 });
  const passed = sessions.map((it) => it.says(query(insert)).length > 0);
  expect(passed).toEqual([false, false, true]);
  expect(sessions[0]?.hits).toHaveLength(2);
});

test('the first that was armed, matches and is not used up catches', () => {
  const shared = both();
  const first = loggedIn(shared).arm({ pattern: { text: 'update' }, lose: 'request' }, 'a');
  const second = loggedIn(shared).arm({ pattern, lose: 'request' }, 'b');
  const third = loggedIn(shared).arm({ pattern, lose: 'reply' }, 'c');
  first.says(query(insert));
  expect([first.hits.length, second.hits.length]).toEqual([0, 1]);
  second.says(query(insert));
  second.answers(complete('INSERT 0 1'), ready());
  expect(third.hits).toMatchObject([{ tag: 'INSERT 0 1' }]);
});

test('catch nothing that is under way when they are armed', () => {
  const it = loggedIn();
  const half = query(insert);
  it.says(half.subarray(0, 10));
  it.arm({ pattern, lose: 'request' });
  expect(it.says(half.subarray(10))).toEqual(half.subarray(10));
  const answer = join(complete('INSERT 0 1'), ready());
  expect(it.answers(answer)).toEqual(answer);
  expect(it.hits).toEqual([]);
});

test('give back what they had caught when another statement of the session ends it', () => {
  const shared = both();
  const it = loggedIn(shared).arm({ pattern, times: 2 });
  it.says(query(insert), query(insert));
  expect(shared.traps.isEmpty).toBe(true);
  it.answers(complete('INSERT 0 1'), ready());
  expect(it.hits).toHaveLength(1);
  expect(shared.traps.isEmpty).toBe(false);
  // Once, though the connection ends later.
  it.session.ended();
  expect([1, 2].map(() => shared.traps.catch(insert) !== undefined)).toEqual([true, false]);
});

test.each([
  [{ text: 'insert  INTO\norders' }, 'INSERT\n\tinto   orders', true],
  [{ text: 'insert into orders' }, 'INSERT INTO order', false],
  [{ source: '^commit$', flags: '' }, 'COMMIT', false],
  [{ source: '^commit$', flags: 'i' }, '/* of an ORM */ COMMIT;', true],
  [{ source: '^commit$', flags: 'i' }, '-- of an ORM\nCOMMIT', true],
  [{ source: 'commit', flags: 'gy' }, 'commit', true],
])('%j matches %j: %s', (given, sql, matches) => {
  for (const _ of [1, 2]) {
    const it = loggedIn().arm({ pattern: given, lose: 'request' });
    expect(it.says(query(sql)).length === 0).toBe(matches);
  }
});

test('one regular expression catches again and again', () => {
  const it = new Traps();
  const spec = { lose: 'request', ending: 'reset', times: 3 } as const;
  it.arm('a', { ...spec, pattern: { source: 'commit', flags: 'g' } }, () => {});
  expect([1, 2, 3, 4].map(() => it.catch('commit') !== undefined)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
