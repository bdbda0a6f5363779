import type { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';

/** Removes everything. The handle says so from now on. */
export async function removeCluster(cluster: Cluster, deadline: Deadline): Promise<void> {
  const { cleanup } = cluster;
  cluster.close();
  for (const node of cluster.nodes) {
    cleanup.add(`the connections to ${node.name}`, () => node.close());
  }
  for (const attached of cluster.attached) {
    cleanup.add('what works in the background', () => attached.close());
  }
  await cleanup.run(deadline);
}
