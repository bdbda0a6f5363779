import { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { type Backend, backendColumns, untilEnded } from '../replication/backends';
import { openClientSockets, untilClientsKnow } from './client-sockets';
import { HeldConnections } from './held-connections';
import { awaken } from './preconditions';
import { backendsWhere, type ConnectionFilter } from './wire/connection-filter';

export const outOfConnections = 'out of connections';

const dropMs = 10_000;
const exhaustMs = 30_000;

/** Ends clients' backends, but not those of slaves, nor our own. */
export async function dropConnections(
  cluster: Cluster,
  node: Node,
  whose: ConnectionFilter = {},
): Promise<number> {
  let dropped = 0;
  await cluster.act('drop connections', node, async (tell) => {
    const deadline = Deadline.in(dropMs);
    await node.requireRunning('drop its connections', deadline);
    const { endpoint } = node.engineNode;
    const open = openClientSockets(endpoint);
    const backends = await node.sql<Backend>(
      `SELECT ${backendColumns}, pg_terminate_backend(pid)
         FROM pg_stat_activity WHERE ${backendsWhere(whose)}`,
      [],
      deadline,
    );
    await untilEnded(node, backends, deadline);
    dropped = backends.length;
    const blind = await untilClientsKnow(endpoint, open, dropped);
    if (blind > 0) tell({ detail: `${blind} clients cannot see it` });
    return dropped > 0;
  });
  return dropped;
}

const heldBy = new WeakMap<Node, HeldConnections>();

/** Takes every free connection slot that the tests' role can have; resolves to their number. */
export async function exhaustConnections(cluster: Cluster, node: Node): Promise<number> {
  let taken = 0;
  await cluster.act('exhaust connections', node, async () => {
    const before = heldBy.get(node);
    taken = before?.size ?? 0;
    if (before) return false;
    const deadline = Deadline.in(exhaustMs);
    await node.requireRunning('run out of connections', deadline);
    const forget = () => {
      heldBy.delete(node);
      cluster.detach(held);
      cluster.faults.remove(node.name, outOfConnections);
    };
    const held = await HeldConnections.take(node, cluster.user, deadline, forget);
    cluster.attach(held);
    heldBy.set(node, held);
    cluster.faults.add({
      node: node.name,
      kind: outOfConnections,
      undo: async (healDeadline) => {
        await node.inTurn(async () => {
          forget();
          held.close();
          if (await awaken(cluster, node, healDeadline)) await held.release(healDeadline);
        });
      },
      again: () => exhaustConnections(cluster, node),
    });
    taken = held.size;
    return true;
  });
  return taken;
}

/** Gives up the slots that `exhaustConnections` took. */
export function releaseConnections(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('release connections', node, async () => {
    const held = heldBy.get(node);
    if (!held) return false;
    const deadline = Deadline.in(dropMs);
    await node.requireRunning('release its connections', deadline);
    await held.release(deadline);
    heldBy.delete(node);
    cluster.detach(held);
    cluster.faults.remove(node.name, outOfConnections);
    return true;
  });
}
