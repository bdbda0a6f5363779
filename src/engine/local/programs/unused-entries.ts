import { readdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Deadline } from '../../../base/deadline';
import { withLock } from '../../../base/machine/lock';
import { newId } from '../../../base/new-id';
import { type Progress, silent } from '../../../base/progress';
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
      return [{ kind, name: home, bytes: sizeOf(home), unusedMs: Math.max(0, unusedMs) }];
    }),
  );
}

/** Removes entries of these directories of a cache that nobody has used for long. */
export async function removeOldEntries(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    for (const name of readdirSync(directory).filter((entry) => entryName.test(entry))) {
      const home = join(directory, name);
      if (isOld(home)) await removeIfOld(home);
    }
  }
}

async function removeIfOld(home: string): Promise<void> {
  const deadline = Deadline.inBackground(removeMs);
  const doomed = `${home}.${newId()}`;
  const removes = await withLock(lockOf(home), deadline, silent, async () => {
    if (!isOld(home)) return false;
    // In one step, so that nobody takes it for complete.
    renameSync(home, doomed);
    return true;
  });
  if (removes) await removeDirectories([doomed], deadline);
}

/** The lock under which an entry is both made and removed. */
export function lockOf(home: string): string {
  return entryName.exec(basename(home))?.[0] ?? basename(home);
}

function isOld(path: string): boolean {
  return (ageOf(path) ?? 0) > keptUnusedMs;
}

/** How long ago it was used; undefined if it does not exist. */
function ageOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && Date.now() - stat.mtimeMs;
}

function touch(home: string): boolean {
  if (ageOf(home) === undefined) return false;
  const now = new Date();
  utimesSync(home, now, now);
  return true;
}
