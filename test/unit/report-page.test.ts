import { writePage } from '../../src/report/page/write-page';
import { failedFailover } from '../support/failed-failover';
import { busyFile, hostileFile, killedFile, passedFile, recordingOf } from '../support/recordings';

const onFailure = { keep: 'on-failure' } as const;
const all = [passedFile(), killedFile(), failedFailover()];

function count(page: string, what: RegExp): number {
  return [...page.matchAll(what)].length;
}

test('what failed comes first and is open; what passed is a line each', () => {
  const page = writePage(all, onFailure);
  const order = ['test/orders.test.ts', 'test/jobs.test.ts', 'test/cart.test.ts'].map((file) =>
    page.indexOf(`<h2><bdi>${file}`),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(page).toContain('<details class="test failed" id="f1-t1" open>');
  expect(page).toContain('<details class="test unfinished" id="f2-t2">');
  expect(count(page, /<svg class="picture"/g)).toBe(2);
  expect(page).toContain('1 file in which all passed');
});

test('with `always` every test has its picture', () => {
  expect(count(writePage(all, { keep: 'always' }), /<svg class="picture"/g)).toBe(6);
});

test('every mark has an address, and a row in the table that leads to it', () => {
  const page = writePage([failedFailover()], onFailure);
  const ids = [...page.matchAll(/ id="([^"]+)" data-m/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(100);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(page).toContain(`<tr id="${id}r"`);
    expect(page).toContain(`<a href="#${id}">`);
  }
});

test('it says of a recording what is wrong with it', () => {
  const page = writePage([killedFile()], onFailure);
  expect(page).toContain('its process was killed; the last line was torn and is left out');
  expect(page).toContain('shard 2/3');
});

test('without data it is smaller than 100 KB, and says that there is nothing', () => {
  const page = writePage([], { keep: 'always' });
  expect(Buffer.byteLength(page)).toBeLessThan(100 * 1024);
  expect(page).toContain('Nothing was recorded.');
});

test('10,000 records are all there, in less than 5 MB', () => {
  const page = writePage([busyFile(10_000)], onFailure);
  expect(Buffer.byteLength(page)).toBeLessThan(5 * 1024 * 1024);
  expect(count(page, /<tr id="f1-t1-/g)).toBeGreaterThan(10_000);
  expect(page).not.toContain('Left out here');
});

test('beyond its bound it leaves out what weighs least, and says so', () => {
  const maxBytes = 500_000;
  const page = writePage([busyFile(10_000)], { ...onFailure, maxBytes });
  expect(Buffer.byteLength(page)).toBeLessThan(maxBytes);
  const [, leftOut] = /Left out here[^:]*: (\d+) statements\./.exec(page) ?? [];
  const shown = count(page, /<tr id="f1-t1-/g);
  // The test itself, three roles and two endpoints are shown too.
  expect(Number(leftOut) + shown).toBe(10_006);
  expect(count(page, /failed with 40001/g)).toBeGreaterThanOrEqual(200);
});

test('where not even a few marks have room, it shows the list and how to see more', () => {
  const page = writePage([busyFile(1000)], { ...onFailure, maxBytes: 40_000 });
  expect(page).toContain('Its picture is left out');
  expect(page).toContain('many › statements');
});

test('nothing of a recording becomes part of the page', () => {
  const page = writePage([hostileFile()], { keep: 'always', title: '</title><b>&' });
  expect(count(page, /<script/g)).toBe(1);
  expect(count(page, /<\/script/g)).toBe(1);
  expect(page).not.toContain('<img');
  expect(page).not.toContain('<b>');
  // Words that are replaced into the page must not be read as patterns of a replacement.
  expect(page).toContain('$&amp; $1');
  // Controls that turn what follows would turn the page.
  for (const control of ['\u202e', '\u202c', '\0']) expect(page).not.toContain(control);
  expect(page).toContain('\\u202eevil');
  expect(page).toContain('שלום 🐘');
});

test('it names no address that a browser would fetch', () => {
  const page = writePage([...all, hostileFile()], { keep: 'always' });
  const urls = [...page.matchAll(/(?:\s(?:src|href)="|url\()([^")]+)/g)].map(([, url]) => url);
  expect(urls.length).toBeGreaterThan(10);
  const others = urls.filter((url) => !url?.startsWith('#'));
  expect(others).toEqual([]);
  expect(page).toContain("default-src 'none'");
});

test('a recording with nothing but its header is told of', () => {
  const page = writePage([recordingOf({}, [[1, { kind: 'end' }]])], { keep: 'always' });
  expect(page).toContain('No test has run.');
});

test('moments that are all the same, or none, break no picture', () => {
  const recording = recordingOf({ nodes: [] }, [
    [0, { kind: 'test begins', test: 1, name: 'at once', attempt: 1 }],
    [0, { kind: 'lag', node: 'pg0', bytes: null, ms: null }],
    [0, { kind: 'test ends', test: 1, outcome: 'failed', errors: [] }],
  ]);
  const page = writePage([recording], onFailure);
  const body = page.slice(page.indexOf('<body>'), page.indexOf('<script>'));
  expect(body).not.toMatch(/NaN|Infinity|undefined|null/);
});
