import { Deadline } from '../../base/deadline';
import { oneOf } from '../../base/value-rules';
import type { CutFrom } from '../../engine/network-state';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { restartStreams } from '../replication/restart-streams';
import { endSilence } from './wire/silenced-connections';

export const cutFrom = oneOf('clients', 'cluster', 'all');

const disconnected = 'disconnected';

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
    const before = node.cutFrom;
    const wanted = before === undefined || before === from ? from : 'all';
    if (wanted === before) return false;
    await node.cutOff(wanted, seen, deadline);
    cluster.faults.add({
      node: node.name,
      kind: disconnected,
      undo: async (undoDeadline) => {
        await node.inTurn(() => letThrough(cluster, node, undoDeadline));
      },
      again: () => disconnect(cluster, node, { from: wanted }),
    });
    return true;
  });
}

/** Lets all packets of a node through again; silenced connections are not silent any more. */
export function reconnect(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('reconnect', node, async () => {
    const deadline = Deadline.in(mendMs);
    const isUncut = await letThrough(cluster, node, deadline);
    cluster.faults.remove(node.name, disconnected);
    const isHeard = await endSilence(cluster, node, deadline);
    return isUncut || isHeard;
  });
}

/**
 * Lets packets through again; resolves to false if none were lost. A server that has ended loses
 * none.
 */
async function letThrough(cluster: Cluster, node: Node, deadline: Deadline): Promise<boolean> {
  const seen = await node.observe(deadline);
  const before = node.cutFrom;
  if (before === undefined) return false;
  await node.cutOff(undefined, seen, deadline);
  if (seen.state === 'running') await node.waitUntilAnswering(deadline);
  if (before !== 'clients') await restartStreams(cluster, node);
  return true;
}
