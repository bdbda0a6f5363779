import { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';

export const diskFull = 'disk full';

const faultMs = 15_000;

/** Fills the disk of a node's data; a second call takes what has been freed since. */
export function fillDisk(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('fill disk', node, async () => {
    const wasFull = cluster.faults.has(node.name, diskFull);
    await node.engineNode.fillDisk(Deadline.in(faultMs));
    if (wasFull) return false;
    cluster.faults.add({
      node: node.name,
      kind: diskFull,
      outlivesServer: true,
      undo: async (deadline) => {
        await node.inTurn(() => node.engineNode.freeDisk(deadline));
      },
      again: () => fillDisk(cluster, node),
    });
    return true;
  });
}

/** Frees the disk again. A server that has ended because it was full stays ended. */
export function freeDisk(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('free disk', node, async () => {
    const wasFull = cluster.faults.has(node.name, diskFull);
    await node.engineNode.freeDisk(Deadline.in(faultMs));
    cluster.faults.remove(node.name, diskFull);
    return wasFull;
  });
}
