import { readlinkSync, statSync } from 'node:fs';
import { sep } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { codeOf } from '../../../base/errors';
import { processTable, tableByPs, withDescendants } from './process-table';
import { run } from './run-program';

/**
 * The processes of all servers below a directory, even if their postmaster has ended. No process
 * group holds them together, since each child of a postmaster is a session of its own. But all of
 * them, and what they start in turn, have the data directory as their current directory.
 *
 * Where there is no /proc (macOS), they are the postmasters, known by their command line, and their
 * descendants.
 */
export async function processesIn(directory: string, deadline: Deadline): Promise<number[]> {
  if (process.platform !== 'linux') return processesByPs(directory, deadline);
  const seen = (await processTable(deadline))
    .filter(({ pid }) => pid !== process.pid)
    .map(({ pid }) => ({ pid, path: currentDirectory(pid) }));
  const inside = seen.filter(({ path }) => path !== undefined && isInside(path, directory));
  const hidden = seen.filter(({ path }) => path === undefined).map(({ pid }) => pid);
  return [...inside.map(({ pid }) => pid), ...(await hiddenIn(directory, hidden, deadline))];
}

/** The same, where there is no /proc. */
export async function processesByPs(directory: string, deadline: Deadline): Promise<number[]> {
  const table = (await tableByPs(deadline)).filter(({ state }) => state !== 'Z');
  const named = table.filter(({ command }) => command.includes(` -D ${directory}`));
  return withDescendants(
    table,
    named.map(({ pid }) => pid),
  ).map(({ pid }) => pid);
}

/** Undefined if we may not know it; empty if the process has ended. */
function currentDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    return codeOf(error) === 'EACCES' ? undefined : '';
  }
}

/**
 * Those of `pids` that work below a directory, as its owner sees them. Root without CAP_SYS_PTRACE,
 * as in most containers, may not look into other users' processes (ptrace(2)), but it may look as
 * that user.
 */
async function hiddenIn(
  directory: string,
  pids: readonly number[],
  deadline: Deadline,
): Promise<number[]> {
  const owner = statSync(directory, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0 || owner === undefined || owner.uid === 0) return [];
  const theirs = pids.filter((pid) => ownerOf(pid) === owner.uid);
  if (theirs.length === 0) return [];
  const { uid, gid } = owner;
  const { stdout } = await run(
    'ls',
    ['-ld', ...theirs.map((pid) => `/proc/${pid}/cwd`)],
    deadline,
    { user: { name: String(uid), ids: { uid, gid } } },
  );
  return stdout.split('\n').flatMap((line) => {
    const [, pid, path] = / \/proc\/(\d+)\/cwd -> (.*)$/.exec(line) ?? [];
    return pid && path !== undefined && isInside(path, directory) ? [Number(pid)] : [];
  });
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory + sep);
}
