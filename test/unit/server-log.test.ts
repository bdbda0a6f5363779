import { worthTelling } from '../../src/cluster/node/log-excerpt';
import { since } from '../../src/postgres/server-log';

const log = [
  '2026-01-02 03:04:05.006 UTC [1] LOG:  old',
  '\tits second line',
  '2026-01-02 03:04:06.000 UTC [1] LOG:  new',
  '\tits second line',
].join('\n');

test('lines without a time belong to the one before them', () => {
  const from = Date.parse('2026-01-02T03:04:06Z');
  expect(since(log, from).split('\n')).toEqual(log.split('\n').slice(2));
  expect(since(log, 0)).toBe(log);
  expect(since(log, from + 1)).toBe('');
});

test('a log without times is shown in full', () => {
  expect(since('no time at all\nnone here', Date.now())).toBe('no time at all\nnone here');
});

test('repeated crashes are shown once, with their reason', () => {
  const attempt = (pid: number) => [
    `2026-01-02 03:04:05.${pid} UTC [${pid}] PANIC:  could not write: No space left on device`,
    `2026-01-02 03:04:05.${pid} UTC [1] LOG:  checkpointer process (PID ${pid}) was terminated by signal 6: Aborted`,
    `2026-01-02 03:04:05.${pid} UTC [1] DETAIL:  Failed process was running: SELECT 1,`,
    '\t2',
    `2026-01-02 03:04:05.${pid} UTC [9] a@b FATAL:  the database system is in recovery mode`,
  ];
  const first = '2026-01-02 03:04:04.000 UTC [1] LOG:  starting PostgreSQL';
  expect(worthTelling([first, ...attempt(100), ...attempt(200), ''].join('\n'))).toEqual([
    first,
    ...attempt(200).slice(0, 4),
  ]);
  expect(worthTelling('no time at all\nnone here')).toEqual(['no time at all', 'none here']);
});
