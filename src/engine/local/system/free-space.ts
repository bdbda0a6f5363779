import { statfsSync } from 'node:fs';
import { availableMemory } from '../../../base/machine/available-memory';

/** statfs(2): its files are memory. */
const tmpfs = 0x01021994;

/** How much room each node's data need in memory: WAL alone may take 512 MB. */
export const roomPerNode = 768 * 1024 * 1024;

/** How full the file system of a directory is, in bytes. */
export interface Room {
  readonly isMemory: boolean;
  readonly used: number;
  /** What can still be written; in memory it may be less, see `roomIn`. */
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

/** How many bytes can really be written there: in memory no more than the machine has left. */
export function roomIn(directory: string): number {
  const { isMemory, free } = fileSystemOf(directory);
  return isMemory ? Math.min(free, availableMemory()) : free;
}

/**
 * How much each node's data may take where `free` bytes are free: half of them, shared among all
 * nodes of all processes that may run a cluster at the same time. But it is not less than an
 * ordinary test needs, if there is that much: hardly ever do all take much at once, and then the
 * watcher sees that memory becomes scarce.
 */
export function shareOf(free: number, nodes: number, workers: number): number {
  const least = Math.min(roomPerNode, (0.8 * free) / nodes);
  return Math.max(free / 2 / nodes / workers, least);
}
