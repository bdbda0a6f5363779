import { chmodSync, lchownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PgClusterError } from '../errors';
import { userId } from './this-user';

/** For the owner alone. */
export const privateMode = 0o700;

/** This user's directory in `parent`, where everybody may make things. */
export function privateDirectory(parent: string): string {
  const directory = join(parent, `jest-environment-pg-cluster-${userId()}`);
  makePrivate(directory);
  return directory;
}

/**
 * Makes a directory that only its owner can look into, unless it is there.
 *
 * @param owner whom root makes it for; by default this user
 * @throws `ERR_PG_CLUSTER_ENGINE` when somebody else has made something under that name
 */
export function makePrivate(directory: string, owner?: { uid: number; gid: number }): void {
  const us = userId();
  const uid = owner?.uid ?? us;
  mkdirSync(directory, { recursive: true, mode: privateMode });
  // Not chown, which would go where a link leads that has come between.
  if (owner && lstatSync(directory).uid === us) lchownSync(directory, owner.uid, owner.gid);
  const stat = lstatSync(directory);
  if (!stat.isDirectory() || (uid !== -1 && stat.uid !== uid)) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `${directory} should be a directory of user ${uid}, but belongs to user ${stat.uid}; remove it`,
    );
  }
  if ((stat.mode & 0o777) !== privateMode) chmodSync(directory, privateMode);
}
