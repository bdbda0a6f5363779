import { existsSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '../../session';
import { makeDirectory } from './directories';
import { readIfThere } from './read-if-there';

/** Says whose a session's directory is, as labels do in Docker. */
const ownerFile = 'owner';

/** Makes the directory in which a session's clusters have theirs, unless it is there. */
export function openSession(directory: string, session: Session): void {
  const path = join(directory, ownerFile);
  if (existsSync(path)) return;
  makeDirectory(directory);
  writeFileSync(path, session.owner, { mode: 0o600 });
}

/** Removes it if no cluster is left in it. */
export async function closeSession(directory: string): Promise<void> {
  const entries = await readdir(directory).catch(() => []);
  if (entries.some((name) => name !== ownerFile)) return;
  await rm(directory, { recursive: true, force: true });
}

/** The owner of a session's directory; undefined if it is none. */
export function ownerOf(directory: string): string | undefined {
  return readIfThere(join(directory, ownerFile));
}
