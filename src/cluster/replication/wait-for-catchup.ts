import { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { untilReplayed } from './catch-up';
import { letThrough } from './stand-still';

/**
 * Waits until each of `slaves` has replayed all that the master has written so far. Those that stand
 * still replay that much, and stand still again.
 */
export async function waitForCatchup(
  cluster: Cluster,
  slaves: readonly Node[],
  timeoutMs: number,
): Promise<void> {
  cluster.assertOpen();
  for (const slave of slaves) cluster.assertMember(slave);
  await cluster.master.requireRunning('tell what it has written so far');
  const deadline = Deadline.in(timeoutMs);
  if (cluster.stillness.isWanted) await letThrough(cluster, slaves, deadline);
  else await untilReplayed(cluster.master, slaves, deadline);
}
