import { statfsSync } from 'node:fs';
import { availableMemory } from './available-memory';

/** statfs(2): its files are memory. */
const tmpfs = 0x01021994;

/** What a node's data may grow to before memory is the wrong place: WAL alone is kept up to 512 MB. */
export const roomPerNode = 768 * 1024 * 1024;

/** The room on the file system of a directory, in bytes. */
export interface Room {
  readonly isMemory: boolean;
  readonly used: number;
  /** What can still be written; in memory that may be less than it seems, see `roomIn`. */
  readonly free: number;
}

export function fileSystemOf(directory: string): Room {
  const { type, blocks, bfree, bavail, bsize } = statfsSync(directory);
  return {
    isMemory: process.platform === 'linux' && type === tmpfs,
    used: (blocks - bfree) * bsize,
    free: bavail * bsize,
  };
}

/** How many bytes can really be written there: in memory not more than that has left. */
export function roomIn(directory: string): number {
  const { isMemory, free } = fileSystemOf(directory);
  return isMemory ? Math.min(free, availableMemory()) : free;
}

/**
 * What the data of each node may take where so much is free: half of that is shared out among all
 * nodes of all processes that may run a cluster at the same time. But not less than an ordinary test
 * needs, if that is there: hardly ever do all take much at once, and then the watcher sees that
 * memory becomes scarce.
 */
export function shareOf(free: number, nodes: number, workers: number): number {
  const least = Math.min(roomPerNode, (0.8 * free) / nodes);
  return Math.max(free / 2 / nodes / workers, least);
}
