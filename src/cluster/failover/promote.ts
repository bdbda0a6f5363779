import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { makeMaster, refuseMaster } from './make-master';

/** Makes a slave the master. The former master and the other slaves are left as they are. */
export async function promote(cluster: Cluster, node: Node): Promise<void> {
  await cluster.act('promote', node, async () => {
    refuseMaster(cluster, node, 'promoted', 'promote a slave, or fail over to one');
    await node.requireRunning('be promoted');
    await makeMaster(cluster, node);
    return true;
  });
}
