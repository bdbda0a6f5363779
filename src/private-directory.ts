import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { PgClusterError } from './errors';

/**
 * For this user alone; but root's servers run as another user, who has to get through to their
 * data, and sees no names on the way.
 */
export const privateMode = process.getuid?.() === 0 ? 0o711 : 0o700;

/**
 * A directory of this user's in `parent`, where everybody may make things: what somebody else has
 * made under that name is refused.
 */
export function privateDirectory(parent: string): string {
  const { uid } = userInfo();
  const directory = join(parent, `jest-environment-pg-cluster-${uid}`);
  mkdirSync(directory, { recursive: true, mode: privateMode });
  const stat = lstatSync(directory);
  if (!stat.isDirectory() || (uid !== -1 && stat.uid !== uid)) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `${directory} should be a directory of user ${uid}, but belongs to user ${stat.uid}; remove it`,
    );
  }
  if ((stat.mode & 0o777) !== privateMode) chmodSync(directory, privateMode);
  return directory;
}
