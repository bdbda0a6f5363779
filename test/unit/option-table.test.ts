import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { contentHash } from '../../src/base/content-hash';
import { templateFor } from '../../src/cluster/settings/template';
import { type OptionName, optionNames, optionTable } from '../../src/options/option-table';
import { type ResolvedOptions, takeOptions } from '../../src/options/take-options';
import { clusterKey } from '../../src/runner/cluster-key';

const repository = resolve(__dirname, '../..');
const root = mkdtempSync(join(tmpdir(), 'pgc-option-table-'));
const sqlFile = join(root, '1.sql');
beforeEach(() => writeFileSync(sqlFile, 'SELECT 1;'));
afterAll(() => rmSync(root, { recursive: true }));

const take = (given: Record<string, unknown> = {}) => takeOptions(given, root).options;

/** The same options, but for one of them. */
function withAnother(name: OptionName, options: ResolvedOptions): ResolvedOptions {
  const others: Partial<Record<OptionName, unknown>> = {
    init: [sqlFile],
    extensions: ['hstore'],
    prepare: take({ prepare: 'true' }).prepare,
  };
  return { ...options, [name]: others[name] ?? another(options[name]) };
}

function another(value: unknown): unknown {
  if (value === undefined) return 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}2`;
  return Array.isArray(value) ? [...value, {}] : { ...Object(value), work_mem: '8MB' };
}

describe.each(optionNames)('another %s', (name) => {
  const { changes } = optionTable[name];
  const changed = withAnother(name, take());

  test(`makes ${changes === 'tests' ? 'the same' : 'another'} cluster`, () => {
    const isSame = clusterKey(changed) === clusterKey(take());
    expect(isSame).toBe(changes === 'tests');
  });

  test(`has ${changes === 'template' ? 'another' : 'the same'} template`, () => {
    const isSame = contentHash(templateFor(changed)) === contentHash(templateFor(take()));
    expect(isSame).toBe(changes !== 'template');
  });
});

test('only these make no other cluster', () => {
  const names = optionNames.filter((name) => optionTable[name].changes === 'tests');
  expect([...names].sort()).toEqual([
    'heal',
    'isolation',
    'lifetime',
    'logs',
    'networkFaults',
    'spareServers',
    'staleReads',
  ]);
});

test('what else makes another cluster', () => {
  const options = take({ init: sqlFile });
  const before = clusterKey(options);
  expect(clusterKey(take({ init: sqlFile }))).toBe(before);
  expect(clusterKey({ ...options, rootDir: '/elsewhere' })).not.toBe(before);
  expect(clusterKey({ ...options, workers: 2 })).not.toBe(before);
  const { DOCKER_HOST } = process.env;
  try {
    process.env.DOCKER_HOST = 'tcp://elsewhere:2375';
    expect(clusterKey(options)).not.toBe(before);
  } finally {
    if (DOCKER_HOST === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = DOCKER_HOST;
  }
  expect(clusterKey(options)).toBe(before);
  writeFileSync(sqlFile, 'SELECT 2;');
  expect(clusterKey(options)).not.toBe(before);
});

test('an input of prepare that changes makes another cluster', () => {
  const prepare = { command: 'migrate', inputs: '*.sql', timeoutMs: 1000 };
  const before = clusterKey(take({ prepare }));
  expect(clusterKey(take({ prepare }))).toBe(before);
  writeFileSync(sqlFile, 'SELECT 2;');
  expect(clusterKey(take({ prepare }))).not.toBe(before);
});

/** Name and default of each option in README's table. */
function inReadme(): Map<string, string> {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const [, table = ''] = /^\| option +\| default .*\n\|[-| ]+\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  return new Map(
    table.split('\n').flatMap((line) => {
      const [, names = '', value = ''] = line.split('|').map((cell) => cell.trim());
      return [...names.matchAll(/`(\w+)`/g)].map(([, name = '']): [string, string] => [
        name,
        value,
      ]);
    }),
  );
}

/** The same in TSDoc of the type that users see; some say more than the table. */
function inTsdoc(): Map<string, string> {
  const file = join(repository, 'src/options/pg-cluster-options.ts');
  const text = readFileSync(file, 'utf8').replaceAll(/\n +\*(?!\/)/g, ' ');
  const found = text.matchAll(/\/\*\*(?:(?!\*\/).)*@default (.*?)\s*\*\/\s*(\w+)\?:/gs);
  return new Map([...found].map(([, value = '', name = '']) => [name, value.replace(/ +/g, ' ')]));
}

const plain = (markdown: string) => markdown.replace(/\[(.*?)\]\(.*?\)/g, '$1').replaceAll('`', '');

describe.each([
  ['README', inReadme()],
  ['TSDoc', inTsdoc()],
])('%s', (_, told) => {
  test('names every option, and no other', () => {
    expect([...told.keys()].sort()).toEqual([...optionNames].sort());
  });

  test.each(optionNames)('tells the default of %s', (name) => {
    const text = plain(told.get(name) ?? '');
    const { inWords } = optionTable[name];
    if (inWords === undefined) {
      const value = JSON.parse(JSON.stringify(runInNewContext(`(${text})`)));
      expect(take({ [name]: value })[name]).toEqual(take()[name]);
    } else {
      expect(text.slice(0, inWords.length)).toBe(inWords);
    }
  });
});
