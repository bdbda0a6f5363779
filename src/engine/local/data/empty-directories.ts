import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Empties what a server has outside of its data directory: it would be in the way when the server
 * makes it again.
 */
export async function emptyTablespaces(data: string): Promise<void> {
  const links = join(data, 'pg_tblspc');
  if (!existsSync(links)) return;
  for (const link of await readdir(links)) await emptyDirectory(join(links, link), /^PG_/);
}

/** Removes what is in a directory, if it is there, and has such a name. */
export async function emptyDirectory(directory: string, names = /./): Promise<void> {
  if (!existsSync(directory)) return;
  const found = (await readdir(directory)).filter((name) => names.test(name));
  await Promise.all(
    found.map((name) => rm(join(directory, name), { recursive: true, force: true })),
  );
}
