import { Deadline } from '../../base/deadline';
import { oneOf } from '../../base/value-rules';
import {
  type CutFrom,
  type NetworkState,
  openNetwork,
  type Peer,
} from '../../engine/network-state';
import type { Cluster } from '../cluster';
import { adminRole } from '../node/database-roles';
import type { Node } from '../node/node';
import { type Backend, backendColumns, endBackends } from '../replication/backends';
import { restartStreams } from '../replication/restart-streams';

export const cutFrom = oneOf('clients', 'cluster', 'all');

const kinds = { disconnected: 'disconnected', silenced: 'silenced' } as const;

const faultMs = 10_000;
const mendMs = 15_000;

/** Drops all packets between a node and `from`, in addition to what is cut off already. */
export function disconnect(
  cluster: Cluster,
  node: Node,
  o?: { readonly from?: CutFrom },
): Promise<void> {
  const from = o?.from ?? 'all';
  return cluster.act(`disconnect from ${from}`, node, async () => {
    const deadline = Deadline.in(faultMs);
    const seen = await node.observeAlive('be disconnected', deadline);
    const { cutFrom } = node;
    const wanted = cutFrom === undefined || cutFrom === from ? from : 'all';
    if (wanted === cutFrom) return false;
    await node.setNetwork({ cut: wanted }, seen, deadline);
    cluster.faults.add({
      node: node.name,
      kind: kinds.disconnected,
      undo: async (undoDeadline) => {
        await node.inTurn(() => letThrough(cluster, node, { cut: undefined }, undoDeadline));
      },
      again: () => disconnect(cluster, node, { from: wanted }),
    });
    return true;
  });
}

/** Lets all packets of a node through again, those of silenced connections too. */
export function reconnect(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('reconnect', node, async () => {
    const changed = await letThrough(cluster, node, openNetwork, Deadline.in(mendMs));
    cluster.faults.remove(node.name, kinds.disconnected);
    cluster.faults.remove(node.name, kinds.silenced);
    return changed;
  });
}

/** Ends every client's backend, while the clients' sockets stay open and hear nothing. */
export async function silenceConnections(cluster: Cluster, node: Node): Promise<number> {
  let count = 0;
  await cluster.act('silence connections', node, async (tell) => {
    const deadline = Deadline.in(faultMs);
    const seen = await node.requireRunning('have its connections silenced', deadline);
    const backends = await clientBackends(node, deadline);
    count = backends.length;
    if (count === 0) return false;
    const silenced = [...node.network.silenced, ...backends.map(peerOf)];
    await node.setNetwork({ silenced }, seen, deadline);
    cluster.faults.add({
      node: node.name,
      kind: kinds.silenced,
      undo: async (undoDeadline) => {
        await node.inTurn(() => letThrough(cluster, node, { silenced: [] }, undoDeadline));
      },
    });
    await endBackends(node, backends, deadline);
    tell({ detail: `${count} of them` });
    return true;
  });
  return count;
}

/** All but our own. */
function clientBackends(node: Node, deadline: Deadline): Promise<(Peer & Backend)[]> {
  return node.sql(
    `SELECT ${backendColumns}, host(client_addr) AS address, client_port AS port
       FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND client_addr IS NOT NULL
        AND usename <> $1`,
    [adminRole],
    deadline,
  );
}

function peerOf({ address, port }: Peer): Peer {
  return { address, port };
}

/**
 * Lets packets through again, as far as `change` says; resolves to false if none were lost. A
 * server that has ended loses none.
 */
async function letThrough(
  cluster: Cluster,
  node: Node,
  change: Partial<NetworkState>,
  deadline: Deadline,
): Promise<boolean> {
  const seen = await node.observe(deadline);
  const { cut, silenced } = node.network;
  const isUncut = 'cut' in change && cut !== undefined;
  const isHeard = 'silenced' in change && silenced.length > 0;
  if (!isUncut && !isHeard) return false;
  await node.setNetwork(change, seen, deadline);
  if (isUncut) {
    if (seen.state === 'running') await node.waitUntilAnswering(deadline);
    if (cut !== 'clients') await restartStreams(cluster, node);
  }
  return true;
}
