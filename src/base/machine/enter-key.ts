import { execFileSync } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/**
 * Resolves when Enter is pressed at this process's terminal, wherever its standard input leads. Never
 * resolves where there is no terminal, or where it is another process's turn to read from it.
 */
export async function enterPressed(signal: AbortSignal): Promise<void> {
  const terminal = isInForeground() ? openTerminal() : undefined;
  if (!terminal) return new Promise(() => {});
  try {
    await new Promise<void>((resolve) => {
      terminal.once('data', () => resolve()).on('error', () => {});
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    terminal.destroy();
  }
  return undefined;
}

function openTerminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    return undefined;
  }
}

/** The system stops a process of the background that reads from the terminal (SIGTTIN). */
function isInForeground(): boolean {
  try {
    const [group, foreground] = process.platform === 'linux' ? groupsOfProc() : groupsOfPs();
    return group !== undefined && group === foreground;
  } catch {
    return false;
  }
}

/** proc_pid_stat(5): the group is the fifth word, that of the terminal's foreground the eighth. */
function groupsOfProc(): (string | undefined)[] {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [words[2], words[5]];
}

function groupsOfPs(): (string | undefined)[] {
  const args = ['-o', 'pgid=,tpgid=', '-p', String(process.pid)];
  return execFileSync('ps', args, { encoding: 'utf8' }).trim().split(/\s+/);
}
