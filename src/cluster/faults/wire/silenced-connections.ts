import { Deadline } from '../../../base/deadline';
import type { Cluster } from '../../cluster';
import type { Node } from '../../node/node';
import { type Backend, backendColumns, endBackends } from '../../replication/backends';
import { requireFront } from '../preconditions';
import { backendsWhere, type ConnectionFilter } from './connection-filter';

const silenced = 'silenced';
const faultMs = 10_000;

/** Ends clients' backends, while the clients' sockets stay open and hear nothing. */
export async function silenceConnections(
  cluster: Cluster,
  node: Node,
  whose: ConnectionFilter = {},
): Promise<number> {
  let silent = 0;
  await cluster.act('silence connections', node, async (tell) => {
    const deadline = Deadline.in(faultMs);
    const front = requireFront(node, 'have its connections silenced');
    await node.requireRunning('have its connections silenced', deadline);
    const { count, pids } = await front.silence(whose, deadline);
    silent = count;
    if (count === 0) return false;
    noteSilence(cluster, node);
    await endBackends(node, await backendsOf(node, pids, deadline), deadline);
    tell({ detail: `${count} of them` });
    return true;
  });
  return silent;
}

/** Connections to a node were silenced, which heal ends. */
export function noteSilence(cluster: Cluster, node: Node): void {
  cluster.faults.add({
    node: node.name,
    kind: silenced,
    undo: async (deadline) => {
      await node.inTurn(async () => node.wired?.front.endSilence(deadline));
    },
  });
}

/** What silenced clients send from now on is answered; resolves to whether there were any. */
export async function endSilence(
  cluster: Cluster,
  node: Node,
  deadline: Deadline,
): Promise<boolean> {
  if (!cluster.faults.has(node.name, silenced)) return false;
  await node.wired?.front.endSilence(deadline);
  cluster.faults.remove(node.name, silenced);
  return true;
}

/** Their clients are gone, but a backend that is at work may not have noticed. */
function backendsOf(node: Node, pids: readonly number[], deadline: Deadline): Promise<Backend[]> {
  return node.sql<Backend>(
    `SELECT ${backendColumns} FROM pg_stat_activity WHERE ${backendsWhere({})} AND pid = ANY ($1)`,
    [pids],
    deadline,
  );
}
