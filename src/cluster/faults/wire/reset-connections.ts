import { Deadline } from '../../../base/deadline';
import type { Cluster } from '../../cluster';
import type { Node } from '../../node/node';
import { openClientSockets, untilClientsKnow } from '../client-sockets';
import { requireFront } from '../preconditions';
import type { ConnectionFilter } from './connection-filter';

const faultMs = 10_000;

/** Resets clients' connections; waits until clients of this machine can see it. */
export async function resetConnections(
  cluster: Cluster,
  node: Node,
  whose: ConnectionFilter = {},
): Promise<number> {
  let count = 0;
  await cluster.act('reset connections', node, async (tell) => {
    const front = requireFront(node, 'have its connections reset');
    const { endpoint } = node.engineNode;
    const open = openClientSockets(endpoint);
    count = await front.reset(whose, Deadline.in(faultMs));
    const blind = await untilClientsKnow(endpoint, open, count);
    if (blind > 0) tell({ detail: `${blind} clients cannot see it` });
    return count > 0;
  });
  return count;
}
