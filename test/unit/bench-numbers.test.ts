import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = join(__dirname, '..', '..');
const json = 'test/bench/bench.json';
const chart = '.github/numbers.svg';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pg-cluster-numbers-'));
  for (const file of [json, 'README.md', chart]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(repository, file), join(folder, file));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the README and its chart tell what test/bench/bench.json has', () => {
  writeNumbers().expectNoProblem();
  // `npm run numbers` mends it.
  expect(inFolder('README.md')).toBe(inRepository('README.md'));
  expect(inFolder(chart)).toBe(inRepository(chart));
});

test('figures of another run appear in tables, text and chart, and the rest stays', () => {
  const figures = JSON.parse(inFolder(json));
  const { rows: starts } = figures.tables['from nothing until all slaves stream'];
  starts['recipe of 2015, 1 + 2'].median = 8;
  starts['this, docker, 1 + 2'].median = 2;
  starts['this, local, 1 + 2'].median = 0.16;
  const { rows: wire } = figures.tables['on the wire, local engine'];
  wire['a query, the server itself, local'].median = 0.05;
  wire['a query, through a bare proxy, local'].median = 0.08;
  wire['a query, through the wire, local'].median = 0.09;
  figures.tables['installed, packages'].rows['added by this'].median = 7;
  const given = { ...figures, date: '2031-02-03', commit: 'abcdef0', note: 'It rained.' };
  writeFileSync(join(folder, json), JSON.stringify(given));

  writeNumbers().expectNoProblem();
  const readme = inFolder('README.md');
  expect(readme).toMatch(
    /^Medians of one run on .*,\nof 2031-02-03, commit abcdef0\.\nIt rained\.$/m,
  );
  expect(readme).toMatch(/^\| recipe of 2015 +\| 8\.0 s +\| 1 +\|$/m);
  expect(readme).toMatch(/^\| this, in Docker +\| 2\.0 s +\| 0\.25 +\|$/m);
  expect(readme).toMatch(/^\| this, local +\| 0\.16 s +\| 0\.02 +\|$/m);
  expect(readme).toMatch(
    /^\| a small query, local +\| 0\.050 ms +\| 0\.080 ms \(1\.6 ×\) +\| 0\.090 ms \(1\.8 ×\) +\|$/m,
  );
  expect(readme).toContain('gets 7 more packages');
  expect(readme).toContain(
    'this takes 2.0 s in Docker and 0.16 s local, the recipe of 2015 8.0 s.',
  );
  expect(outside(readme)).toBe(outside(inRepository('README.md')));

  const bars = [
    ...inFolder(chart).matchAll(/>([^<]*)<\/text><rect class="(\w+)".*?width="(\d+)"/g),
  ];
  const lengths = Object.fromEntries(bars.map(([, label, , length]) => [label, Number(length)]));
  const longest = lengths['recipe of 2015'] ?? 0;
  expect(longest).toBeGreaterThan(400);
  expect(lengths['this, in Docker']).toBe(longest / 4);
  expect(lengths['this, local']).toBe(Math.round(longest / 50));
});

test('a row that the last run has not measured is told, and nothing is written', () => {
  const figures = JSON.parse(inFolder(json));
  delete figures.tables['20 test files, two workers'].rows['recipe of 2015 per file, 1 + 2'];
  writeFileSync(join(folder, json), JSON.stringify({ ...figures, commit: 'abcdef0' }));
  const { status, stderr } = writeNumbers();
  expect(stderr).toContain(
    'test/bench/bench.json has no row "recipe of 2015 per file, 1 + 2" in "20 test files, two workers"',
  );
  expect(status).toBe(1);
  expect(inFolder('README.md')).toBe(inRepository('README.md'));
  expect(inFolder(chart)).toBe(inRepository(chart));
});

test.each([
  ['a marker that is gone', '<!-- numbers: wire -->', '', 'README.md has no marker'],
  ['a marker that is wrong', 'numbers: wire', 'numbers: wires', 'has a marker for "wires"'],
])('%s is told', (_, text, by, told) => {
  writeFileSync(join(folder, 'README.md'), inFolder('README.md').replace(text, by));
  const { status, stderr } = writeNumbers();
  expect(stderr).toContain(told);
  expect(status).toBe(1);
});

function writeNumbers() {
  const tsx = join(repository, 'node_modules/tsx/dist/cli.mjs');
  const script = join(repository, 'test/bench/numbers.ts');
  const { status, stderr } = spawnSync(process.execPath, [tsx, script, folder], {
    encoding: 'utf8',
  });
  const expectNoProblem = () => expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { status, stderr, expectNoProblem };
}

const inFolder = (file: string) => readFileSync(join(folder, file), 'utf8');
const inRepository = (file: string) => readFileSync(join(repository, file), 'utf8');

/** The README without what is made. */
function outside(readme: string): string {
  return readme.replaceAll(/(<!-- numbers: \w+ -->).*?<!-- end -->/gs, '$1');
}
