import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isGone } from '../../../base/machine/read-if-there';

/** How much a directory takes, without what has been discarded. */
export function sizeOf(directory: string): number {
  let bytes = 0;
  for (const name of namesIn(directory)) {
    if (name.startsWith('discarded-')) continue;
    const path = join(directory, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat) bytes += stat.isDirectory() ? sizeOf(path) : stat.blocks * 512;
  }
  return bytes;
}

/** None if the directory does not exist, or not any more. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
