import { PreparedNames } from '../../src/wire/protocol/prepared-names';

const bound = '';
const sqlOf = (names: PreparedNames, name: string) => names.statement(name)?.sql;

test('a name is a statement’s until it is closed', () => {
  const names = new PreparedNames();
  names.prepare('s', 'SELECT 1');
  names.bind('p', 's', bound);
  expect(names.portal('p')?.prepared.sql).toBe('SELECT 1');
  names.closePortal('p');
  expect(names.portal('p')).toBeUndefined();
  expect(sqlOf(names, 's')).toBe('SELECT 1');
  names.closeStatement('s');
  expect(sqlOf(names, 's')).toBeUndefined();
  expect(names.bind('q', 's', bound).prepared.sql).toBe('');
});

test('what the server did not do is undone, the last first', () => {
  const names = new PreparedNames();
  names.prepare('s', 'SELECT 1');
  const asked = [names.closeStatement('s'), names.prepare('s', 'SELECT 2')];
  asked.push(names.prepare('s', 'SELECT 3'));
  for (const one of asked.reverse()) names.undo(one);
  expect(sqlOf(names, 's')).toBe('SELECT 1');
});

test('but not what has been done since', () => {
  const names = new PreparedNames();
  const first = names.prepare('s', 'SELECT 1');
  const closed = names.closeStatement('s');
  names.prepare('s', 'SELECT 2');
  names.undo(first);
  names.undo(closed);
  expect(sqlOf(names, 's')).toBe('SELECT 2');
});

describe('a client that never closes anything does not make the wire grow: it forgets the oldest', () => {
  test('portals', () => {
    const names = new PreparedNames();
    for (let n = 0; n < 1_100; n += 1) names.bind(`p${n}`, '', bound);
    expect([names.portal('p0'), names.portal('p1099')]).toEqual([undefined, expect.anything()]);
  });

  test('statements', () => {
    const names = new PreparedNames();
    for (let n = 0; n < 11_000; n += 1) names.prepare(`s${n}`, 'SELECT 1');
    expect([sqlOf(names, 's0'), sqlOf(names, 's10999')]).toEqual([undefined, 'SELECT 1']);
  });

  test('texts', () => {
    const names = new PreparedNames();
    const long = 'x'.repeat(65_536);
    for (let n = 0; n < 300; n += 1) names.prepare(`s${n}`, long);
    expect([sqlOf(names, 's0'), sqlOf(names, 's299')]).toEqual([undefined, long]);
  });
});
