import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Deadline } from '../../../base/deadline';
import { codeOf } from '../../../base/errors';
import { run } from './run-program';

/** A process of this machine, as every user can see it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** As ps says it: `R`, `S`, `T` … */
  readonly state: string;
  /** Known only where there is no /proc. */
  readonly command: string;
}

/** All processes that have not ended; zombies count as ended. */
export async function processTable(deadline: Deadline): Promise<ProcessEntry[]> {
  const all = process.platform === 'linux' ? tableByProc() : await tableByPs(deadline);
  return all.filter(({ state }) => !hasEnded(state));
}

/**
 * A process and its descendants, without those that have ended. The list is complete only if none
 * of them runs: while one starts or ends another, some may be missed (proc(5), `children`).
 */
export async function familyOf(root: number, deadline: Deadline): Promise<readonly ProcessEntry[]> {
  const all = tellsChildren(root)
    ? descendants(root)
    : withDescendants(await processTable(deadline), [root]);
  return all.filter(({ state }) => !hasEnded(state));
}

/** Not every kernel has this file. Looking at all processes instead takes milliseconds. */
function tellsChildren(pid: number): boolean {
  return existsSync(childrenFile(pid));
}

function childrenFile(pid: number): string {
  return `/proc/${pid}/task/${pid}/children`;
}

/** For servers, which have one thread each. */
function descendants(pid: number): ProcessEntry[] {
  const entry = entryOf(pid);
  if (!entry) return [];
  return [entry, ...childrenOf(pid).flatMap(descendants)];
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(childrenFile(pid), 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** These processes of a table, and all their descendants. */
export function withDescendants(
  table: readonly ProcessEntry[],
  roots: readonly number[],
): ProcessEntry[] {
  const found = new Set(roots);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of table) if (found.has(parent)) found.add(pid);
  }
  return table.filter(({ pid }) => found.has(pid));
}

/** Whether a signal has frozen a process; false if there is no such process. */
export async function isStopped(pid: number, deadline: Deadline): Promise<boolean> {
  return (await stateOf(pid, deadline)).startsWith('T');
}

/** Whether a process has ended, even if its parent has not noticed yet. */
export async function isOver(pid: number, deadline: Deadline): Promise<boolean> {
  return hasEnded(await stateOf(pid, deadline));
}

/** Sends a signal to those that have not ended meanwhile. */
export function send(signal: NodeJS.Signals, pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}

function hasEnded(state: string): boolean {
  return /^[XZ]?$/.test(state);
}

/** Everybody may read /proc/<pid>/stat of any process; see proc(5). */
function tableByProc(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const entry = pid > 0 ? entryOf(pid) : undefined;
    return entry ? [entry] : [];
  });
}

function entryOf(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 2);
    return { pid, parent: Number(parent), state, command: '' };
  } catch {
    return undefined;
  }
}

/** The same, where there is no /proc. */
export async function tableByPs(deadline: Deadline): Promise<ProcessEntry[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,state=,command='], deadline);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (!pid || !parent || !state || !command) return [];
    return [{ pid: Number(pid), parent: Number(parent), state: state.slice(0, 1), command }];
  });
}

/** Empty if there is no such process. */
async function stateOf(pid: number, deadline: Deadline): Promise<string> {
  if (process.platform === 'linux') return entryOf(pid)?.state ?? '';
  return (await run('ps', ['-o', 'state=', '-p', String(pid)], deadline)).stdout.trim().slice(0, 1);
}
