import { Deadline } from '../../../base/deadline';
import { oneOf } from '../../../base/value-rules';
import type { Refusal } from '../../../wire/requests';
import type { Cluster } from '../../cluster';
import type { Node } from '../../node/node';
import { requireFront } from '../preconditions';

export const refusal = oneOf('starting up', 'shutting down', 'in recovery');

const refusing = 'refusing connections';
const faultMs = 10_000;

/** New clients get 57P03, as from a server that does this; those that are connected go on. */
export function refuseConnections(
  cluster: Cluster,
  node: Node,
  as: Refusal = 'starting up',
): Promise<void> {
  return cluster.act('refuse connections', node, async (tell) => {
    tell({ detail: as });
    const front = requireFront(node, 'refuse connections');
    await front.refuse(as, Deadline.in(faultMs));
    cluster.faults.add({
      node: node.name,
      kind: refusing,
      outlivesServer: true,
      undo: async (deadline) => {
        await node.inTurn(() => front.refuse(undefined, deadline));
      },
      again: () => refuseConnections(cluster, node, as),
    });
    return true;
  });
}

/** New clients are let in again. */
export function acceptConnections(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('accept connections', node, async () => {
    const front = requireFront(node, 'refuse connections');
    if (!cluster.faults.has(node.name, refusing)) return false;
    await front.refuse(undefined, Deadline.in(faultMs));
    cluster.faults.remove(node.name, refusing);
    return true;
  });
}
