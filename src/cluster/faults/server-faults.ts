import { oneOf } from '../../base/value-rules';
import type { StopMode } from '../../engine/engine-node';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import type { Tell } from '../timeline';
import { openClientSockets, untilClientsKnow } from './client-sockets';

const kinds = { paused: 'paused', stopped: 'stopped', killed: 'killed' } as const;

export const stopMode = oneOf('smart', 'fast', 'immediate');

/** Freezes every process of a server. */
export function pause(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('pause', node, async () => {
    const changed = await node.pause();
    if (changed) {
      cluster.faults.add({
        node: node.name,
        kind: kinds.paused,
        undo: async (deadline) => {
          await node.inTurn(() => node.unpause(deadline));
        },
        again: () => pause(cluster, node),
      });
    }
    return changed;
  });
}

/** Thaws a server and waits until it answers. */
export function unpause(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('unpause', node, async () => {
    const changed = await node.unpause();
    cluster.faults.remove(node.name, kinds.paused);
    return changed;
  });
}

/** Ends a server in one of PostgreSQL's ways. */
export function stop(cluster: Cluster, node: Node, mode: StopMode = 'fast'): Promise<void> {
  return cluster.act(`stop ${mode}`, node, async (tell) => {
    const changed = await node.stop(mode);
    if (changed) {
      ended(cluster, node, kinds.stopped, () => stop(cluster, node, mode));
      await untilSeen(node, tell);
    }
    return changed;
  });
}

/** Ends a server at once, as a crash would. */
export function kill(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('kill', node, async (tell) => {
    const changed = await node.kill();
    if (changed) {
      ended(cluster, node, kinds.killed, () => kill(cluster, node));
      await untilSeen(node, tell);
    }
    return changed;
  });
}

/** Starts a server that has ended. A former master comes up as a master. */
export function start(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('start', node, async () => {
    const changed = (await node.start()) !== undefined;
    // It may have been started by somebody else.
    cluster.faults.remove(node.name, kinds.stopped);
    cluster.faults.remove(node.name, kinds.killed);
    return changed;
  });
}

/** Ends and starts a server. */
export function restart(cluster: Cluster, node: Node, mode: StopMode = 'fast'): Promise<void> {
  return cluster.act(`restart ${mode}`, node, async () => {
    if (await node.stop(mode)) {
      ended(cluster, node, kinds.stopped, () => stop(cluster, node, mode));
    }
    await node.start();
    return true;
  });
}

function ended(cluster: Cluster, node: Node, kind: string, again: () => Promise<void>): void {
  cluster.faults.add({ node: node.name, kind, again });
}

/** All connections to the server have ended; waits until clients can see that. */
async function untilSeen(node: Node, tell: Tell): Promise<void> {
  const { endpoint } = node.engineNode;
  const open = openClientSockets(endpoint);
  const blind = await untilClientsKnow(endpoint, open, open.size);
  if (blind > 0) tell({ detail: `${blind} clients cannot see it` });
}
