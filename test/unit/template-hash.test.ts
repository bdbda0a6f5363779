import { contentHash } from '../../src/base/content-hash';
import { templateFor } from '../../src/cluster/settings/template';
import { buildContext } from '../../src/engine/docker/image/build-context';
import { templateHash } from '../../src/engine/local/data/cached-template';
import type { Template } from '../../src/engine/template';
import { takeOptions } from '../../src/options/take-options';

const { options } = takeOptions({}, __dirname);
const init = [{ name: '1.sql', sql: Buffer.from('SELECT 1;') }];
const template: Template = { ...templateFor(options), init, preparation: 'hash' };

const local = { versionText: '17.5', user: { name: 'this user', ids: undefined } };
const engines: [engine: string, hashOf: (template: Template) => string][] = [
  ['docker', (changed) => buildContext(changed).hash],
  ['local', (changed) => templateHash(changed, local)],
];

/** The same value, but for one detail. */
function changed(value: unknown): unknown {
  if (value instanceof Buffer) return Buffer.concat([value, Buffer.from(' ')]);
  if (Array.isArray(value)) return [...value, ...value];
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value} `;
  throw new Error(`no other value is known for ${value}`);
}

describe.each(engines)('on engine %s', (_, hashOf) => {
  const before = hashOf(template);

  test('the same template has the same hash, whatever the order of its fields', () => {
    const reversed = Object.fromEntries(Object.entries(template).reverse());
    expect(hashOf(reversed as unknown as Template)).toBe(before);
  });

  test.each(Object.keys(template) as (keyof Template)[])('another %s gives another hash', (key) => {
    expect(hashOf({ ...template, [key]: changed(template[key]) })).not.toBe(before);
  });

  test.each(['name', 'sql'] as const)('another %s of a file of init gives another hash', (key) => {
    const files = init.map((file) => ({ ...file, [key]: changed(file[key]) })) as typeof init;
    expect(hashOf({ ...template, init: files })).not.toBe(before);
  });

  test('a field that this test does not know yet gives another hash', () => {
    const later: Template & { later: string } = { ...template, later: '' };
    expect(hashOf(later)).not.toBe(before);
  });
});

test('what differs only in where a value ends, or in its type, has another hash', () => {
  const values = [
    ['a', 'b'],
    ['ab'],
    ['ab', ''],
    ['', 'ab'],
    [['a'], 'b'],
    { a: 'b' },
    [Buffer.from('ab')],
    [1],
    ['1'],
    [undefined],
    ['undefined'],
    [null],
    [],
    {},
    { a: undefined },
    [true],
  ];
  expect(new Set(values.map(contentHash)).size).toBe(values.length);
});

test('what has no content to see is refused, and not taken for the same', () => {
  expect(() => contentHash({ at: new Date() })).toThrow(TypeError);
  expect(() => contentHash(new Map())).toThrow(TypeError);
  expect(() => contentHash(() => 1)).toThrow(TypeError);
});
