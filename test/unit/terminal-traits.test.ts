import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { terminalTraits } from '../../src/base/terminal-traits';

const pipe = { columns: 0, isTTY: false } as unknown as NodeJS.WriteStream;
const utf8 = { LANG: 'C.UTF-8', COLUMNS: '90' };

test.each([
  [{ ...utf8 }, { columns: 90, ascii: false, colours: false }],
  [
    { ...utf8, FORCE_COLOR: '1' },
    { columns: 90, ascii: false, colours: true },
  ],
  [
    { ...utf8, FORCE_COLOR: '1', NO_COLOR: '1' },
    { columns: 90, ascii: false, colours: false },
  ],
  [
    { ...utf8, LC_ALL: 'C' },
    { columns: 90, ascii: true, colours: false },
  ],
  [
    { ...utf8, TERM: 'dumb', FORCE_COLOR: '1' },
    { columns: 90, ascii: true, colours: false },
  ],
])('of %j', (env, traits) => {
  expect(terminalTraits(pipe, env)).toEqual(traits);
});

test('a process whose output is a pipe, as a worker of Jest, still knows how wide the terminal is', () => {
  const module = join(__dirname, '../../dist/base/terminal-traits.js');
  const look = `console.log('columns', require('${module}').terminalTraits(process.stderr, {}).columns)`;
  const inTerminal = `stty cols 72; node -e "${look}" 2>&1 | cat`;
  const said = execFileSync('script', ['-qec', inTerminal, '/dev/null'], { encoding: 'utf8' });
  expect(said).toContain('columns 72');
});
