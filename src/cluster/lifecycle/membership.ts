import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { SlaveOptions } from '../cluster-spec';
import { requireRoom } from '../faults/preconditions';
import { logExcerpt } from '../node/log-excerpt';
import type { Node } from '../node/node';
import { type NodeShape, nodeName } from '../node/node-shape';
import { keepingWal } from '../replication/backup';
import { repoint, waitUntilFollowing } from '../replication/follow';
import { dropUnusedSlot, ensureSlot } from '../replication/slots';
import { whileSlavesReplay } from '../replication/stand-still';
import { settleSynchronous } from '../replication/synchronous';
import { conninfoOf } from '../settings/node-conf';
import { shapeOf } from '../shapes';
import { createClone, removeNodeMs } from './create-node';

const addMs = 60_000;
const removeMs = 30_000;

/**
 * Adds a slave, a copy of its upstream as it is now; resolves once it streams. If that fails, the
 * cluster is as it was before.
 *
 * @param inMs how long it may take
 */
export async function addSlave(
  cluster: Cluster,
  spec: SlaveOptions = {},
  inMs: number = addMs,
): Promise<Node> {
  let added: Node | undefined;
  await cluster.change('add slave', async (tell) => {
    const deadline = Deadline.in(inMs);
    const upstream = spec.upstream === undefined ? cluster.master : cluster.node(spec.upstream);
    await upstream.requireRunning('be copied', deadline);
    // The source of a base backup writes a temporary file.
    requireRoom(cluster, upstream, 'be copied');
    // If it names no upstream, it follows whoever is master, as a slave of pg0 does.
    const shape = shapeOf(cluster.takeIndex(), spec, spec.upstream ?? nodeName(0), true);
    added = await join(cluster, shape, upstream, deadline);
    tell({ detail: `${added.name} streams from ${upstream.name}` });
    return true;
  });
  if (!added) throw new Error('addSlave made no node');
  return added;
}

async function join(
  cluster: Cluster,
  shape: NodeShape,
  upstream: Node,
  deadline: Deadline,
): Promise<Node> {
  const cleanup = new CleanupStack();
  let newcomer: Node | undefined;
  try {
    if (shape.slot) {
      cleanup.add(`the slot ${shape.name}`, () => dropUnusedSlot(cluster, upstream, shape.name));
      await ensureSlot(upstream, shape.name, deadline);
    }
    const node = await createClone(cluster, shape, upstream, cleanup, deadline);
    newcomer = node;
    await keepingWal(upstream, deadline, async () => {
      await node.start(deadline);
      await waitUntilFollowing(node, upstream, deadline);
    });
    cleanup.add(`the membership of ${node.name}`, (by) => expel(cluster, node, by));
    cluster.add(node);
    await settleSynchronous(cluster, deadline, node);
    return node;
  } catch (error) {
    const failure = await explain(error, shape, upstream, newcomer);
    throw await cluster.pendingRemovals.cleanUpAfter(failure, cleanup, Deadline.in(removeMs));
  }
}

/** Adds the end of the newcomer's log, which is removed with it. */
async function explain(
  error: unknown,
  { name }: NodeShape,
  upstream: Node,
  newcomer: Node | undefined,
): Promise<PgClusterError> {
  return new PgClusterError(
    'ERR_PG_CLUSTER_START',
    [
      `${name} could not be added as a slave of ${upstream.name}: ${messageOf(error)}`,
      ...(newcomer ? [await logExcerpt(newcomer)] : []),
    ].join('\n'),
    { cause: error },
  );
}

/** Removes a slave for good. The slaves that streamed from it follow its upstream. */
export async function removeSlave(cluster: Cluster, node: Node): Promise<void> {
  await cluster.act('remove', node, async () => {
    if (node === cluster.master) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${node.name} cannot be removed: it is the master; switchover() or failover() makes it a slave`,
      );
    }
    requireEnoughWithout(cluster, node);
    const deadline = Deadline.in(addMs);
    const upstream = cluster.upstreamOf(node);
    const followers = cluster.nodes.filter((other) => other.upstream === node);
    await whileSlavesReplay(cluster, followers, deadline, async () => {
      for (const follower of followers) {
        if (follower.state !== 'running') follower.follows(upstream);
        else await repoint(follower, upstream, conninfoOf(cluster, upstream), deadline);
      }
    });
    const cleanup = new CleanupStack();
    cluster.remove(node);
    cluster.pendingRemovals.forgetSlots(node);
    cleanup.add(`the membership of ${node.name}`, (by) => expel(cluster, node, by));
    await removeNode(cluster, node, cleanup, deadline);
    if (node.shape.slot) await dropUnusedSlot(cluster, upstream, node.name);
    return true;
  });
}

/** @throws `ERR_PG_CLUSTER_STATE` if commits wait for this slave and need it */
function requireEnoughWithout(cluster: Cluster, node: Node): void {
  const names = cluster.confirmersOf(cluster.master);
  if (!names.includes(node.name) || names.length > cluster.synchronous) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot be removed: each commit waits for ${cluster.synchronous} of the synchronous slaves, and there are only these: ${names.join(', ')}; addSlave({ synchronous: true }) first`,
  );
}

async function expel(cluster: Cluster, node: Node, deadline: Deadline): Promise<void> {
  cluster.remove(node);
  cluster.faults.removeAllOf(node.name);
  await settleSynchronous(cluster, deadline);
}

/** Removes the server of a node, then runs the other steps of `cleanup`. */
export async function removeNode(
  cluster: Cluster,
  node: Node,
  cleanup: CleanupStack,
  deadline: Deadline,
): Promise<void> {
  const { engineNode } = node;
  cleanup.add(node.name, (by) => engineNode.remove(by), removeNodeMs);
  cleanup.add(`the connections to ${node.name}`, () => node.close());
  await cluster.pendingRemovals.cleanUp(cleanup, deadline);
}
