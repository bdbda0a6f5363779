import { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { whileSlavesReplay } from '../replication/stand-still';
import { makeMaster, refuseMaster } from './make-master';

const promoteMs = 15_000;

/** Makes a slave the master. The former master and the other slaves are left as they are. */
export async function promote(cluster: Cluster, node: Node): Promise<void> {
  await cluster.act('promote', node, async () => {
    refuseMaster(cluster, node, 'promoted', 'promote a slave, or fail over to one');
    await node.requireRunning('be promoted');
    const concerned = cluster.slaves.filter(
      (slave) => slave === node || cluster.upstreamOf(slave) === node,
    );
    await whileSlavesReplay(cluster, concerned, Deadline.in(promoteMs), () =>
      makeMaster(cluster, node),
    );
    return true;
  });
}
