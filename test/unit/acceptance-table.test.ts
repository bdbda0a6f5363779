import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannot } from '../engine/others/cannot';
import { heldBy } from '../engine/others/held-by';
import { acts } from '../support/all-acts';

const root = join(__dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const testFile = (file: string) => readFileSync(join(root, 'test', file), 'utf8');

/** The cells of the table whose first title is this one, without backticks. */
function table(first: string): string[][] {
  const lines = readme.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const end = lines.findIndex((line, index) => index > from && !line.startsWith('|'));
  const rows = lines.slice(from, end).filter((_, index) => index !== 1);
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

const [titles = [], ...rows] = table('where nodes run');
/** How the README calls the last act. */
const nameOf = (title: string) => (title === 'an app in a container' ? 'app' : title);
const columns = titles.slice(1).map(nameOf);

test('the README’s table of engines has a column for each act, and a row for each place', () => {
  expect(columns).toEqual(Object.keys(acts));
  expect(rows.map(([title]) => title)).toEqual(Object.keys(heldBy));
});

test.each(Object.entries(heldBy))('the tests that hold its marks are there: %s', (_, held) => {
  const text = testFile(held.file);
  for (const said of held.says) expect(text).toContain(said);
});

test.each(rows)('%s: what is marked there is what tests hold', (title = '', ...marks) => {
  const held = heldBy[title];
  const works = (act: string) =>
    !held?.without?.includes(act) &&
    !cannot.some(
      ({ engines, file, test }) =>
        held?.on !== undefined &&
        engines.includes(held.on) &&
        file === held.file &&
        (typeof test === 'string' ? test === act : test.test(act)),
    );
  const marked = columns.map((act, index) => [act, marks[index] === '✓']);
  expect(marked).toEqual(columns.map((act) => [act, works(act)]));
});

test('the README tells each failure that is left as cannot.ts does', () => {
  const placeOf = (engine: string) =>
    Object.keys(heldBy).find((title) => heldBy[title]?.on === engine) ?? engine;
  const [, ...told] = table('fails on');
  expect(told).toEqual(
    cannot.map(({ engines, happens, seenOn, why, instead }) =>
      [engines.map(placeOf).join('; '), happens, seenOn, why, instead].map((cell) =>
        cell.replaceAll('`', ''),
      ),
    ),
  );
});

test('what cannot be had is told by what happens, why, and what to do', () => {
  for (const one of cannot) {
    for (const said of [one.happens, one.why, one.instead]) expect(said).toMatch(/^\w.{15,}/);
    expect(one.seenOn).toMatch(/^\w+ \d+\.\d+/);
    if (typeof one.test !== 'string') continue;
    // Its last part is the test's own name, what is before is of blocks.
    const words = one.test.split(' ');
    const names = words.map((_, index) => `'${words.slice(index).join(' ')}'`);
    const text = testFile(one.file);
    expect(names.filter((name) => text.includes(name))).not.toEqual([]);
  }
});
