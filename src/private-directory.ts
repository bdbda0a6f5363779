import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { PgClusterError } from './errors';

/**
 * A directory of this user's in `parent`, where everybody may make things: what somebody else has
 * made under that name is refused.
 *
 * @param mode 0700 by default
 */
export function privateDirectory(parent: string, mode = 0o700): string {
  const { uid } = userInfo();
  const directory = join(parent, `jest-environment-pg-cluster-${uid}`);
  mkdirSync(directory, { recursive: true, mode });
  const stat = lstatSync(directory);
  if (!stat.isDirectory() || (uid !== -1 && stat.uid !== uid)) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `${directory} should be a directory of user ${uid}, but belongs to user ${stat.uid}; remove it`,
    );
  }
  if ((stat.mode & 0o777) !== mode) chmodSync(directory, mode);
  return directory;
}
