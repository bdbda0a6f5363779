import { readdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Deadline } from '../../../base/deadline';
import { withLock } from '../../../base/machine/lock';
import { newId } from '../../../base/new-id';
import { type Progress, silent } from '../../../base/progress';
import { isInUse } from '../../../cleanup/uses';
import type { Kept } from '../../diagnosis';
import { keptUnusedMs, notedEveryMs } from '../../unused-age';
import { namesIn, sizeOf } from '../directories/directory-size';
import { removeDirectories } from '../system/remove-directories';

const removeMs = 60_000;
/** An entry of the cache, or what a killed run left of one. */
const entryName = /^(template|programs)-[0-9a-f]{20}(?=\.|$)/;

/**
 * Notes, as its directory's time, that an entry of the cache is used now. Resolves to false if
 * others have just removed it.
 */
export async function noteUse(
  home: string,
  o: { deadline: Deadline; progress: Progress },
): Promise<boolean> {
  const age = ageOf(home);
  if (age === undefined) return false;
  if (age < notedEveryMs) return true;
  // Nobody is about to remove an entry of that age.
  if (age < keptUnusedMs / 2) return touch(home);
  return withLock(lockOf(home), o.deadline, o.progress, async () => touch(home));
}

/** The entries of these directories of a cache. Those of others, and what is gone, are none. */
export function keptEntries(directories: readonly string[]): Kept[] {
  return directories.flatMap((directory) =>
    namesIn(directory).flatMap((name): Kept[] => {
      const kind = entryName.exec(name)?.[1] as 'template' | 'programs' | undefined;
      const home = join(directory, name);
      const unusedMs = ageOf(home);
      if (kind === undefined || unusedMs === undefined) return [];
      return [{ kind, name: home, bytes: sizeOf(home), unusedMs }];
    }),
  );
}

/** Removes entries of these directories of a cache that nobody has used for long. */
export async function removeOldEntries(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    for (const name of readdirSync(directory).filter((entry) => entryName.test(entry))) {
      const home = join(directory, name);
      if (!isOld(home, keptUnusedMs)) continue;
      await removeUnused(home, keptUnusedMs, Deadline.inBackground(removeMs));
    }
  }
}

/**
 * Removes an entry, unless it is used, or is not that old any more when its lock is had. Resolves to
 * why it was not removed.
 */
export async function removeUnused(
  home: string,
  olderThanMs: number,
  deadline: Deadline,
): Promise<'young' | 'in use' | undefined> {
  const doomed = `${home}.${newId()}`;
  const why = await withLock(lockOf(home), deadline, silent, async () => {
    if (!isOld(home, olderThanMs)) return 'young';
    if (isInUse(lockOf(home))) return 'in use';
    // In one step, so that nobody takes it for complete.
    renameSync(home, doomed);
    return undefined;
  });
  if (why === undefined) await removeDirectories([doomed], deadline);
  return why;
}

/** The lock under which an entry is both made and removed. */
export function lockOf(home: string): string {
  return entryName.exec(basename(home))?.[0] ?? basename(home);
}

/** What is not there is not old. */
function isOld(path: string, olderThanMs: number): boolean {
  const age = ageOf(path);
  return age !== undefined && age >= olderThanMs;
}

/** How long ago it was used; undefined if it does not exist. */
function ageOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && Math.max(0, Date.now() - stat.mtimeMs);
}

function touch(home: string): boolean {
  if (ageOf(home) === undefined) return false;
  const now = new Date();
  utimesSync(home, now, now);
  return true;
}
