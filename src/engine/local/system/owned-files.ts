import { closeSync, constants, fchownSync, openSync, writeFileSync } from 'node:fs';
import type { ServerUser } from './server-user';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/** Files that only the servers' user can read, in directories of that user. */

export function writeOwned(path: string, text: string, user: ServerUser): void {
  write(open(path, O_TRUNC, user), text);
}

/** Adds text to the end of a file. */
export function appendOwned(path: string, text: string, user: ServerUser): void {
  write(openToAppend(path, user), text);
}

/** Opens or makes a file; what is written goes to its end. */
export function openToAppend(path: string, user: ServerUser): number {
  return open(path, O_APPEND, user);
}

/** Follows no link: in a directory of the servers' user, none may lead root elsewhere. */
function open(path: string, how: number, { ids }: ServerUser): number {
  const file = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | how, 0o600);
  if (ids) fchownSync(file, ids.uid, ids.gid);
  return file;
}

function write(file: number, text: string): void {
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}
