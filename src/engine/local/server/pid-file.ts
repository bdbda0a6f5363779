import { join } from 'node:path';
import { readIfThere } from '../../../base/machine/read-if-there';

/** The lines of postmaster.pid (pidfile.h); none if there is no such file. */
export function pidFile(data: string): string[] {
  return readIfThere(join(data, 'postmaster.pid'))?.split('\n') ?? [];
}

/** Line 8: `starting` when it listens, `ready` when clients may connect. */
export function statusOf(lines: readonly string[]): string {
  return lines[7]?.trim() ?? '';
}

/**
 * Line 7: the id of a small System V segment by which servers notice each other. A killed server
 * leaves it in the system.
 */
export function sharedMemoryOf(lines: readonly string[]): string[] {
  const id = lines[6]?.trim().split(/\s+/)[1];
  return id ? [id] : [];
}
