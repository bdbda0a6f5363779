import type { Deadline } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node';
import { untilAllHave } from '../replication/follow';
import { makeFollow } from './rejoin';

/** How long one of the other slaves may take to be turned, or rebuilt. */
const turnMs = 15_000;

/**
 * Turns to the new master who followed the former one, and whoever followed a node that cannot be
 * reached. Resolves to the names of those that could not be turned, and why; heal or rejoin sees to
 * them.
 */
export async function turnOthers(
  cluster: Cluster,
  former: Node,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> {
  const left = new Map<string, string>();
  const followers = cluster.slaves.filter((node) => node !== former);
  await Promise.all(
    followers.map(async (node) => {
      const { state, detail } = await node.observe(deadline);
      if (state !== 'running') {
        left.set(node.name, detail);
        return;
      }
      const upstream = node.upstream;
      const isOrphan =
        upstream === former ||
        upstream === undefined ||
        !cluster.nodes.includes(upstream) ||
        upstream.state !== 'running';
      if (!isOrphan) return;
      // It would only be waited for. It is heal's business; the failover itself has succeeded.
      if (node.cutFrom !== undefined) {
        left.set(node.name, `it is disconnected from ${node.cutFrom}`);
        return;
      }
      await makeFollow(cluster, node, deadline.atMost(turnMs)).catch((error: unknown) =>
        left.set(node.name, messageOf(error)),
      );
    }),
  );
  return left;
}

/**
 * Waits until all of `slaves` stream on the timeline that the new master has begun. That they
 * stream is not enough: an upstream says so, too, while it sends the end of the timeline before.
 */
export async function untilAllStream(
  cluster: Cluster,
  slaves: readonly Node[],
  notTurned: ReadonlyMap<string, string>,
  deadline: Deadline,
): Promise<void> {
  const { master } = cluster;
  const following = cluster.following.filter(({ slave }) => slaves.includes(slave));
  try {
    const ms = notTurned.size > 0 ? turnMs : deadline.remainingMs;
    await untilAllHave(master, following, deadline.atMost(ms));
  } catch (error) {
    if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    const why = [...notTurned].map(([name, reason]) => `; ${name} could not be turned: ${reason}`);
    throw new PgClusterError(
      'ERR_PG_CLUSTER_TIMEOUT',
      `${master.name} is the master now, but not all stream from it: ${messageOf(error)}${why.join('')}; heal() sees to them`,
      { cause: error },
    );
  }
}
