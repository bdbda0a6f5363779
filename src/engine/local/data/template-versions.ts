import { existsSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What is made anew although it is there gets a folder of its own in the entry of the cache: clusters
 * that were born from the former version may be made as new from it later.
 */
const numbered = /^\d+$/;
/** No run lasts longer: what was replaced that long ago is in no use any more. */
const keptReplacedMs = 86_400_000;

/** Where the newest version is, or is to be if there is none. */
export function newestVersion(home: string): string {
  return versionsOf(home).at(-1) ?? home;
}

/** Where the one after it is to be. */
export function nextVersion(home: string): string {
  return join(home, String(versionsOf(home).length));
}

/** Removes the archives of versions that were replaced long ago. */
export async function removeReplaced(home: string, archive: string): Promise<void> {
  const versions = versionsOf(home);
  for (const [at, version] of versions.entries()) {
    const next = versions[at + 1];
    if (next === undefined || Date.now() - statSync(next).mtimeMs < keptReplacedMs) return;
    await rm(join(version, archive), { force: true });
  }
}

/** The first is the entry itself. */
function versionsOf(home: string): string[] {
  if (!existsSync(home)) return [];
  const later = readdirSync(home).filter((name) => numbered.test(name));
  return [
    home,
    ...later.sort((one, other) => Number(one) - Number(other)).map((n) => join(home, n)),
  ];
}
