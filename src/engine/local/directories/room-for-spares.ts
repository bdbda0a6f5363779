import { statSync } from 'node:fs';
import { roomIn } from '../system/free-space';
import type { ClusterDirectories } from './cluster-directories';

/** What a server takes beside its data as they are born: its own memory, and some WAL. */
const perServer = 64 * 1024 * 1024;
/** So much more than spares take has to be free: tests need memory, too. */
const margin = 4;

/**
 * Whether a second set of servers leaves the tests of all processes enough memory and disk. Their
 * data are where the archive says how large they are at birth.
 */
export function hasRoomForSpares(
  o: { readonly template: { readonly archive: string }; readonly directories: ClusterDirectories },
  { nodes, workers }: { nodes: number; workers: number },
): boolean {
  const born = statSync(o.template.archive).size;
  return roomIn(o.directories.servers) > margin * nodes * workers * (born + perServer);
}
