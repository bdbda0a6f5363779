import { flagOf, readFlags } from '../../src/cli/up/flags';
import { optionNames, optionTable } from '../../src/options/option-table';

test.each<[string[], Record<string, unknown>]>([
  [[], {}],
  [['--slaves', '2'], { slaves: 2 }],
  [['--slaves=[{"slot":true}]'], { slaves: [{ slot: true }] }],
  [
    ['--engine', 'local', '--no-wire', '--superuser'],
    { engine: 'local', wire: false, superuser: true },
  ],
  [['--tls'], { tls: true }],
  [['--tls=required'], { tls: 'required' }],
  [['--database', '5'], { database: '5' }],
  [
    ['--extensions', 'postgis', '--extensions', 'pgcrypto'],
    { extensions: ['postgis', 'pgcrypto'] },
  ],
  [['--settings', '{"work_mem":"8MB"}'], { settings: { work_mem: '8MB' } }],
  [['--start-timeout-ms', '5000'], { startTimeoutMs: 5000 }],
  // What it may be is for the option's rule to say.
  [['--slaves', 'many'], { slaves: 'many' }],
])('%j gives %j', (args, options) => {
  expect(readFlags(args).options).toEqual(options);
});

test('what is not an option of the cluster', () => {
  expect(readFlags(['--config', 'jest.config.js', '--project', 'db', '--detach'])).toMatchObject({
    config: 'jest.config.js',
    project: 'db',
    detach: true,
    attach: undefined,
  });
  expect(readFlags(['--attach']).attach).toBe('');
  expect(readFlags(['--attach', '3f2a01']).attach).toBe('3f2a01');
});

test.each([
  [['--slave', '2'], /there is no flag --slave/],
  [['--slaves'], /--slaves needs a value/],
  [['--heal'], /there is no flag --heal/],
  [['--no-slaves'], /--no-slaves/],
  [['--detach=yes'], /--detach takes no value/],
  [['--config'], /--config needs a value/],
  [['something'], /"something" is not expected here/],
])('%j is refused', (args, message) => {
  expect(() => readFlags(args)).toThrow(message);
});

test('every option that makes another cluster has a flag', () => {
  for (const name of optionNames.filter((one) => optionTable[one].changes !== 'tests')) {
    expect(Object.keys(readFlags([`--${flagOf(name)}=1`]).options)).toEqual([name]);
  }
});
