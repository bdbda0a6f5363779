import { type Deadline, within } from '../../base/deadline';
import { Cluster } from '../cluster';
import { restoreNodes } from './restore';

const sendAwayMs = 5_000;

/**
 * A cluster for another test file: the same servers as they were born, but with another password of
 * the tests' role, so that nothing that a former file has left behind gets in. The former cluster's
 * handle refuses everything.
 */
export async function handOver(cluster: Cluster, deadline: Deadline): Promise<Cluster> {
  const { plan, newborn, cleanup } = cluster;
  cluster.close();
  // What has begun goes on to its end; what waits for its turn is refused.
  await within(deadline, 'what was done to the cluster to end', () => cluster.changesOver);
  await sendClientsAway(cluster, deadline);
  cluster.snapshots.clear();
  plan.credentials.changePassword();
  await restoreNodes(cluster, newborn, deadline);
  for (const node of cluster.nodes) node.close();
  const next = new Cluster({ plan, newborn, cleanup });
  await next.movingEndpoints?.asNew();
  return next;
}

/**
 * Connections that a file has left open are lost in any case, with the servers. Until then they would
 * keep its process alive, and Jest ends a worker by force that has not ended within half a second
 * (`FORCE_EXIT_DELAY` in jest-worker).
 */
async function sendClientsAway({ nodes }: Cluster, deadline: Deadline): Promise<void> {
  const by = deadline.atMost(sendAwayMs);
  // Where there is no wire, or it has died, they go with their servers.
  await Promise.all(nodes.map(({ wired }) => wired?.front.reset({}, by).catch(() => {})));
}
