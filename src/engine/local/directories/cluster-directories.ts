import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CleanupStack } from '../../../base/cleanup-stack';
import type { Deadline } from '../../../base/deadline';
import { makePrivate } from '../../../base/machine/private-directory';
import { newId } from '../../../base/new-id';
import { noteOwner, ownerFile } from '../../../cleanup/owner-note';
import type { Session } from '../../../cleanup/session';
import type { ServerUser } from '../system/server-user';
import { removeTree } from './remove-tree';
import { serversPart } from './roots';

const removeMs = 60_000;

/**
 * The directories of one cluster, below its session's. They are the same one, unless root's servers
 * need their own.
 */
export interface ClusterDirectories {
  /** For what concerns this user alone. */
  readonly ours: string;
  /** For what servers use; it belongs to their user. */
  readonly servers: string;
}

/**
 * Makes directories for a new cluster of a session. The session's directory is made first and goes
 * last: it names the owner, by which others can tell whether the session still lives.
 *
 * @param root see `dataRoot`
 */
export function makeClusterDirectories(
  root: string,
  session: Session,
  user: ServerUser,
): ClusterDirectories {
  const serversHome = join(serversPart(root, user), session.id);
  const id = newId();
  const home = join(root, session.id);
  makePrivate(home);
  noteOwner(home, session);
  const ours = join(home, id);
  makePrivate(ours);
  makePrivate(serversHome, user.ids);
  const servers = join(serversHome, id);
  makePrivate(servers, user.ids);
  return { ours, servers };
}

/**
 * Removes them with all that runs there, and the session's directory if no other cluster is left in
 * it.
 */
export async function removeClusterDirectories(
  { ours, servers }: ClusterDirectories,
  deadline: Deadline,
): Promise<void> {
  const cleanup = new CleanupStack();
  for (const directory of [ours, servers]) {
    cleanup.add(dirname(directory), () => removeIfEmpty(dirname(directory)));
  }
  // No server works in ours, and few files are there.
  if (ours !== servers) cleanup.add(ours, () => rmSync(ours, { recursive: true, force: true }));
  cleanup.add(servers, (by) => removeTree(servers, by), removeMs);
  await cleanup.run(deadline);
}

/** Without a pause, as other clusters of this process may come and go. */
function removeIfEmpty(home: string): void {
  if (!existsSync(home) || readdirSync(home).some((name) => name !== ownerFile)) return;
  rmSync(join(home, ownerFile), { force: true });
  rmdirSync(home);
}
