import { createContext, runInContext } from 'node:vm';
import { PgClusterError } from '../../src/base/errors';
import { Realm } from '../../src/base/realm';

const context = createContext({});
const realm = Realm.of(context);
/** What code in that realm says. */
function there(expression: string, value?: unknown): unknown {
  return runInContext(`(value) => ${expression}`, context)(value);
}

test('data belong to the realm at every depth', () => {
  const rows = [{ at: new Date(5), tags: ['a', { b: null }], raw: Buffer.from('x') }];
  const adopted = realm.adopt(rows);
  expect(adopted).toEqual(rows);
  expect(
    there(
      `[value instanceof Array, value[0] instanceof Object, value[0].at instanceof Date,
        value[0].tags instanceof Array, value[0].tags[1] instanceof Object, +value[0].at]`,
      adopted,
    ),
  ).toEqual([true, true, true, true, true, 5]);
  expect(adopted[0]?.raw).toBe(rows[0]?.raw);
});

test('a __proto__ key of JSON does not reach a prototype', () => {
  const adopted = realm.adopt(JSON.parse('{"__proto__": {"polluted": true}}'));
  expect(Object.getOwnPropertyNames(adopted)).toEqual(['__proto__']);
  expect(adopted.polluted).toBeUndefined();
});

test('frozen data stay frozen', () => {
  const adopted = realm.adopt(Object.freeze([Object.freeze({ a: 1 }), {}]));
  expect([adopted, ...adopted].map(Object.isFrozen)).toEqual([true, true, false]);
});

test('an error keeps its class, name, message, stack, code and causes', () => {
  const cause: Error & { self?: Error } = Object.assign(new RangeError('deep'), { at: new Date() });
  cause.self = cause;
  const error = new PgClusterError('ERR_PG_CLUSTER_STATE', 'no', { cause });
  const adopted = realm.adopt(error);
  expect(adopted).not.toBe(error);
  expect(there('value instanceof Error && value.cause instanceof RangeError', adopted)).toBe(true);
  expect(there('value.cause.self === value.cause && value.cause.at instanceof Date', adopted)).toBe(
    true,
  );
  expect(adopted).toBeInstanceOf(PgClusterError);
  expect(adopted).toMatchObject({ code: 'ERR_PG_CLUSTER_STATE', name: 'PgClusterError' });
  expect(adopted.stack).toBe(error.stack);
  const both = realm.adopt(new AggregateError([new TypeError('a')], 'both'));
  expect(
    there('value instanceof AggregateError && value.errors[0] instanceof TypeError', both),
  ).toBe(true);
});

test('every copy of this package recognises its errors', () => {
  const error = new PgClusterError('ERR_PG_CLUSTER_STATE', 'no');
  jest.isolateModules(() => {
    const other = require('../../src/base/errors').PgClusterError;
    expect(other).not.toBe(PgClusterError);
    expect(error).toBeInstanceOf(other);
    expect(new Error('no')).not.toBeInstanceOf(other);
  });
});

describe('a handle', () => {
  const inner = { a: 1 };
  const node = realm.handle({ name: 'pg0' });
  const handle = realm.handle({
    get node() {
      return node;
    },
    list: () => Object.freeze([node]),
    accepts: (other: unknown) => other === node,
    fails: () => {
      throw new TypeError('sync');
    },
    resolves: async () => inner,
    rejects: async () => {
      throw Object.assign(new Error('async'), { code: '42P01' });
    },
  });

  test('is frozen and belongs to the realm, with all its functions', () => {
    expect(Object.isFrozen(handle)).toBe(true);
    expect(there('value instanceof Object && value.list instanceof Function', handle)).toBe(true);
    expect(handle.list.name).toBe('list');
  });

  test('returns the same object each time, and accepts it back', () => {
    expect(handle.node).toBe(node);
    expect(handle.list()[0]).toBe(node);
    expect(handle.accepts(handle.node)).toBe(true);
  });

  test('its promises, their results and errors belong to the realm', async () => {
    const promise = handle.resolves();
    expect(there('value instanceof Promise', promise)).toBe(true);
    expect(there('value instanceof Object && value.a', await promise)).toBe(1);
    expect(
      there('{ try { value.fails() } catch (e) { return e instanceof TypeError } }', handle),
    ).toBe(true);
    const error = await handle.rejects().catch((thrown: unknown) => thrown);
    expect(there('value instanceof Error && value.code', error)).toBe('42P01');
  });

  test('an error from a method shows the line of the call', async () => {
    const error: Error = await handle.rejects().catch((thrown: Error) => thrown);
    expect(error.stack).toMatch(/realm\.test\.ts[\s\S]*realm\.test\.ts/);
  });
});
