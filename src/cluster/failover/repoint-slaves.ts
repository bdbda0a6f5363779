import type { Deadline } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { untilAllHave } from '../replication/follow';
import { makeFollow } from './rejoin';

/** How long a slave may take to be repointed, or rebuilt. */
const repointMs = 15_000;

/**
 * Makes the slaves that followed the former master, or a node that cannot be reached, follow the
 * new one. Resolves to the names of those that could not be repointed, and why; heal or rejoin
 * repairs them.
 */
export async function repointSlaves(
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
      // Waiting for it would be of no use. The failover has succeeded; heal repairs this slave.
      if (node.cutFrom !== undefined) {
        left.set(node.name, `it is disconnected from ${node.cutFrom}`);
        return;
      }
      await makeFollow(cluster, node, deadline.atMost(repointMs)).catch((error: unknown) =>
        left.set(node.name, messageOf(error)),
      );
    }),
  );
  return left;
}

/**
 * Waits until all of `slaves` stream on the timeline that the new master has begun. The state
 * "streaming" is not enough: an upstream says so even while it sends the end of the old timeline.
 */
export async function untilAllStream(
  cluster: Cluster,
  slaves: readonly Node[],
  notRepointed: ReadonlyMap<string, string>,
  deadline: Deadline,
): Promise<void> {
  const { master } = cluster;
  const following = cluster.following.filter(({ slave }) => slaves.includes(slave));
  try {
    const ms = notRepointed.size > 0 ? repointMs : deadline.remainingMs;
    await untilAllHave(master, following, deadline.atMost(ms));
  } catch (error) {
    if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    const why = [...notRepointed].map(
      ([name, reason]) => `; ${name} could not be repointed: ${reason}`,
    );
    throw new PgClusterError(
      'ERR_PG_CLUSTER_TIMEOUT',
      `${master.name} is the master now, but not all stream from it: ${messageOf(error)}${why.join('')}; heal() repairs that`,
      { cause: error },
    );
  }
}
