import { randomBytes } from 'node:crypto';

/** A random id, short enough for names of containers, networks and directories. */
export function newId(): string {
  return randomBytes(6).toString('hex');
}
