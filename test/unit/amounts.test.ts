import { formatAge, formatBytes, parseAge } from '../../src/cli/amounts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [8.15 * 2 ** 20, '8.2 MB'],
  [10.4 * 2 ** 20, '10 MB'],
  [999.9 * 2 ** 20, '1000 MB'],
  [1000 * 2 ** 20, '1.0 GB'],
  [3 * 2 ** 50, '3072 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

const minute = 60_000;
test.each([
  [0, 'less than a minute'],
  [minute, 'a minute'],
  [59 * minute, '59 minutes'],
  [60 * minute, 'an hour'],
  [47 * 60 * minute, 'a day'],
  [49 * 60 * minute, '2 days'],
])('%d ms are %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test.each([
  ['0m', 0],
  ['30m', 30 * minute],
  ['12h', 12 * 60 * minute],
  ['7d', 7 * 24 * 60 * minute],
  ['2w', 14 * 24 * 60 * minute],
])('%s is an age', (text, ms) => {
  expect(parseAge(text)).toBe(ms);
});

test.each(['', '7', 'd', '-1d', '1.5d', '7 d', '7d ', '1y', '99999999d'])('%j is none', (text) => {
  expect(parseAge(text)).toBeUndefined();
});
