import { openSync } from 'node:fs';
import { WriteStream } from 'node:tty';

/** What the person who runs the tests sees our lines on. */
export interface TerminalTraits {
  /** How many characters find room in a line. */
  readonly columns: number;
  /** Whether it may have no other characters than those of ASCII. */
  readonly ascii: boolean;
  readonly colours: boolean;
}

/** Where there is no terminal, as on CI. */
const usualColumns = 100;

/** Those of stderr, as far as they can be known. */
export function terminalTraits(
  stream: Pick<NodeJS.WriteStream, 'columns' | 'isTTY'> = process.stderr,
  env: NodeJS.ProcessEnv = process.env,
): TerminalTraits {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const isUnicode = process.platform === 'win32' ? !!env.WT_SESSION : /utf-?8/i.test(locale);
  // Jest sets FORCE_COLOR in its workers if the terminal has colours.
  const isWanted = env.FORCE_COLOR === undefined ? stream.isTTY : env.FORCE_COLOR !== '0';
  return {
    columns: stream.columns || Number(env.COLUMNS) || columnsOfTerminal() || usualColumns,
    ascii: !isUnicode || env.TERM === 'dumb',
    colours: isWanted && !env.NO_COLOR && env.TERM !== 'dumb',
  };
}

/** That of this process, whatever its stderr is: in Jest's workers it is a pipe. */
function columnsOfTerminal(): number | undefined {
  let terminal: WriteStream | undefined;
  try {
    terminal = new WriteStream(openSync('/dev/tty', 'w'));
    return terminal.columns;
  } catch {
    return undefined;
  } finally {
    terminal?.destroy();
  }
}
