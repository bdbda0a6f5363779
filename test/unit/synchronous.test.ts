import {
  type Confirmer,
  confirmersOf,
  synchronousStandbyNames,
} from '../../src/cluster/confirmers';

const slave = (name: string, upstream: string, o: Partial<Confirmer> = {}): Confirmer => ({
  name,
  upstream,
  isMarked: true,
  isSlave: true,
  ...o,
});
const master = (name: string): Confirmer => ({
  name,
  upstream: undefined,
  isMarked: true,
  isSlave: false,
});

test('marked slaves confirm, the master does not', () => {
  const nodes = [master('pg0'), slave('pg1', 'pg0'), slave('pg2', 'pg0', { isMarked: false })];
  expect(confirmersOf('pg0', nodes)).toEqual(['pg1']);
});

test('a former master does not until it is a slave; its followers do', () => {
  const nodes = [master('pg0'), master('pg1'), slave('pg2', 'pg0')];
  expect(confirmersOf('pg1', nodes)).toEqual(['pg2']);
  expect(confirmersOf('pg1', [slave('pg0', 'pg1'), ...nodes.slice(1)])).toEqual(['pg0', 'pg2']);
});

test('a slave of a slave does not, unless its upstream becomes the master', () => {
  const nodes = [master('pg0'), slave('pg1', 'pg0'), slave('pg2', 'pg1')];
  expect(confirmersOf('pg0', nodes)).toEqual(['pg1']);
  expect(confirmersOf('pg1', nodes)).toEqual(['pg2']);
});

test.each([
  [0, ['pg1'], ''],
  [1, [], ''],
  [1, ['pg1', 'pg2'], 'ANY 1 (pg1, pg2)'],
  [2, ['pg2'], 'ANY 1 (pg2)'],
])('with %i asked for, of %j', (asked, names, expected) => {
  expect(synchronousStandbyNames(asked, names)).toBe(expected);
});
