import { basename } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { unpackSome } from '../system/archives';
import { run } from '../system/run-program';
import type { ServerUser } from '../system/server-user';

/** More at once is replaced as a whole: it would not be less work, nor fit in a command line. */
const changesAtMost = 2000;

/**
 * A data directory as it was unpacked: by the path of each file and directory, what changes with it.
 * That has the time of its inode's last change (ctime), which no program can set.
 */
export interface Unpacked {
  readonly archive: string;
  readonly entries: ReadonlyMap<string, string>;
}

/** Undefined if it cannot be told for certain. @param data just unpacked, and used by nobody yet */
export async function noteUnpacked(
  archive: string,
  data: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<Unpacked | undefined> {
  const entries = await entriesIn(data, user, deadline);
  return entries && { archive, entries };
}

/**
 * Makes a data directory as it was unpacked, by replacing only what has changed since. Nobody uses it.
 * Resolves to what it is like then; undefined if that could not be done: all has to be replaced.
 */
export async function putBack(
  data: string,
  before: Unpacked,
  user: ServerUser,
  deadline: Deadline,
): Promise<Unpacked | undefined> {
  const found = await entriesIn(data, user, deadline);
  const changes = found && compare(found, before.entries);
  if (!changes || changes.strange.length + changes.changed.length > changesAtMost) return undefined;
  const { strange, changed } = changes;
  if (strange.length > 0) {
    const paths = strange.map((path) => `./${path}`);
    const { exitCode } = await run('rm', ['-rf', '--', ...paths], deadline, { user, cwd: data });
    if (exitCode !== 0) return undefined;
  }
  if (changed.length === 0) return before;
  await unpackSome(before.archive, changed, { name: basename(data), to: data, user }, deadline);
  return noteUnpacked(before.archive, data, user, deadline);
}

/** What each is, without what changes by itself; undefined if that cannot be told for certain. */
async function entriesIn(
  data: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string> | undefined> {
  // GNU's find, whose -printf others lack. A directory has other times when a file comes and goes.
  const format = ['-type', 'd', '-printf', 'd %m\\t%P\\0', '-o', '-printf', '%y %m %s %C@\\t%P\\0'];
  const o = { user, cwd: data };
  const { exitCode, stdout } = await run('find', ['.', ...format], deadline, o);
  // Names that are no UTF-8 cannot be told from each other.
  if (exitCode !== 0 || stdout.includes('\uFFFD')) return undefined;
  return new Map(stdout.split('\0').slice(0, -1).map(entry));
}

function entry(line: string): [path: string, is: string] {
  const end = line.indexOf('\t');
  return [line.slice(end + 1), line.slice(0, end)];
}

/** Undefined if a directory has changed: unpacking files does not mend that. */
function compare(
  found: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): { strange: string[]; changed: string[] } | undefined {
  const changed = [...before].filter(([path, is]) => found.get(path) !== is);
  if (changed.some(([, is]) => is.startsWith('d '))) return undefined;
  const strange = [...found.keys()].filter((path) => !before.has(path));
  return { strange, changed: changed.map(([path]) => path) };
}
