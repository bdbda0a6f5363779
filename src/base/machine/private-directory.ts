import { chmodSync, lchownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PgClusterError } from '../errors';
import { userId } from './this-user';

/** Only the owner may read, write or enter. */
export const privateMode = 0o700;

/** This user's directory in `parent`, a place where everybody may make things. */
export function privateDirectory(parent: string): string {
  const directory = privateName(parent);
  makePrivate(directory);
  return directory;
}

/** The name that it has, or would have. */
export function privateName(parent: string): string {
  return join(parent, `jest-environment-pg-cluster-${userId()}`);
}

/**
 * Makes sure that a directory exists and that only its owner can look into it.
 *
 * @param owner the user for whom root makes it; by default this user
 * @throws `ERR_PG_CLUSTER_ENGINE` when the name belongs to somebody else
 */
export function makePrivate(directory: string, owner?: { uid: number; gid: number }): void {
  const us = userId();
  const uid = owner?.uid ?? us;
  mkdirSync(directory, { recursive: true, mode: privateMode });
  // Not chown, which would follow a link that somebody has put there meanwhile.
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
