import { since } from '../../src/engine/local/log';

const log = [
  '2026-01-02 03:04:05.006 UTC [1] LOG:  old',
  '\tits second line',
  '2026-01-02 03:04:06.000 UTC [1] LOG:  new',
  '\tits second line',
].join('\n');

test('lines belong to the last time before them', () => {
  const from = Date.parse('2026-01-02T03:04:06Z');
  expect(since(log, from).split('\n')).toEqual(log.split('\n').slice(2));
  expect(since(log, 0)).toBe(log);
  expect(since(log, from + 1)).toBe('');
});

test('lines without a time are shown', () => {
  expect(since('no time at all\nnone here', Date.now())).toBe('no time at all\nnone here');
});
