import { readdirSync, renameSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, messageOf, PgClusterError } from '../../../base/errors';
import { newId } from '../../../base/new-id';

/** A cache with less room than this is full: no template is smaller. */
const noRoomBytes = 1024 * 1024;

/**
 * Makes a directory in the cache, which gets its name only when it is complete: a killed run leaves
 * nothing that looks complete. The caller holds the entry's lock, so any drafts were left by killed
 * runs, and are removed.
 *
 * @param fill makes the directory under the name of a draft
 * @throws what `fill` throws; `ERR_PG_CLUSTER_ENGINE` that says so when there is no room left
 */
export async function makeEntry(
  home: string,
  fill: (draft: string) => Promise<void>,
): Promise<void> {
  const cache = dirname(home);
  const draft = `${home}.${newId()}`;
  try {
    for (const name of readdirSync(cache)) {
      if (name.startsWith(`${basename(home)}.`)) await rm(join(cache, name), { recursive: true });
    }
    await fill(draft);
    await rm(home, { recursive: true, force: true });
    renameSync(draft, home);
  } catch (error) {
    const { bavail, bsize } = statfsSync(cache);
    if (codeOf(error) !== 'ENOSPC' && bavail * bsize >= noRoomBytes) throw error;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `no space left on device: ${cache} is full; make room, or set the option cacheDir to another place (${messageOf(error)})`,
      { cause: error },
    );
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
