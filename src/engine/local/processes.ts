import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import { type Deadline, poll } from '../../deadline';
import { codeOf } from '../../errors';
import { run } from './run';

/**
 * The processes of a server, or of all servers below a directory. Servers' children are each a
 * session of their own, so no process group has them together; but all of them, and what they
 * start in turn, have the data directory as their current directory.
 *
 * Where there is no /proc (macOS), they are the postmasters, by their command line, and all that
 * descends from them.
 */
export async function processesIn(directory: string, deadline: Deadline): Promise<number[]> {
  if (process.platform !== 'linux') return processesByPs(directory, deadline);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isInside(currentDirectory(pid), directory));
}

/** Freezes all of them. Nobody is missed: the postmaster, which alone makes others, comes first. */
export async function freeze(
  postmaster: number,
  directory: string,
  deadline: Deadline,
): Promise<void> {
  send('SIGSTOP', [postmaster]);
  await untilStopped(() => Promise.resolve([postmaster]), deadline);
  await untilStopped(() => processesIn(directory, deadline), deadline);
}

export async function thaw(
  postmaster: number,
  directory: string,
  deadline: Deadline,
): Promise<void> {
  send('SIGCONT', await processesIn(directory, deadline));
  send('SIGCONT', [postmaster]);
}

/** Ends all of them at once. `postmaster` is stopped before, so that it does not start others. */
export async function killAll(
  directory: string,
  deadline: Deadline,
  postmaster?: number,
): Promise<number> {
  const killed = new Set<number>();
  if (postmaster !== undefined) {
    send('SIGSTOP', [postmaster]);
    await untilStopped(() => Promise.resolve([postmaster]), deadline);
  }
  await poll({
    deadline,
    what: `the processes in ${directory} to end`,
    intervalMs: 2,
    look: async () => {
      for (const pid of await processesIn(directory, deadline)) killed.add(pid);
      // One that is about to end has no current directory any more, but still its port.
      const over = await Promise.all([...killed].map((pid) => isOver(pid, deadline)));
      const left = [...killed].filter((_, index) => !over[index]);
      if (left.length === 0) return { done: undefined };
      send('SIGKILL', left);
      return { seen: `${left.join(', ')} are there` };
    },
  });
  return killed.size;
}

/** Whether a process is frozen by a signal; false if there is none. */
export async function isStopped(pid: number, deadline: Deadline): Promise<boolean> {
  return (await stateOf(pid, deadline)).startsWith('T');
}

/** Whether a process has ended, be it that its parent has not taken notice of it yet. */
export async function isOver(pid: number, deadline: Deadline): Promise<boolean> {
  return /^[XZ]?$/.test(await stateOf(pid, deadline));
}

async function untilStopped(
  pids: () => Promise<readonly number[]>,
  deadline: Deadline,
): Promise<void> {
  await poll({
    deadline,
    what: 'the processes of a server to stop',
    intervalMs: 1,
    look: async () => {
      const all = await pids();
      const states = await Promise.all(all.map((pid) => stateOf(pid, deadline)));
      // X and Z: it has ended in the meantime.
      const running = all.filter((_, index) => !/^[TXZ]?$/.test(states[index] ?? ''));
      send('SIGSTOP', running);
      return running.length === 0
        ? { done: undefined }
        : { seen: `${running.join(', ')} still run` };
    },
  });
}

/** As ps says it: `R`, `S`, `T` …; empty if there is no such process. */
async function stateOf(pid: number, deadline: Deadline): Promise<string> {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    } catch {
      return '';
    }
  }
  return (await run('ps', ['-o', 'state=', '-p', String(pid)], deadline)).stdout.trim().slice(0, 1);
}

/** One that has ended meanwhile needs no signal. */
export function send(signal: NodeJS.Signals, pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}

/** Empty if it may not be known or the process has ended. */
function currentDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory + sep);
}

/** The same, where there is no /proc. */
export async function processesByPs(directory: string, deadline: Deadline): Promise<number[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,state=,command='], deadline);
  const all = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!pid || !parent || !command || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const found = new Set(
    all.filter(({ command }) => command.includes(` -D ${directory}`)).map(({ pid }) => pid),
  );
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}
