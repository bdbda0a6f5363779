import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { SlaveOptions } from '../cluster-spec';
import { requireRoom } from '../faults/preconditions';
import type { Node } from '../node';
import { keepingWal } from '../replication/backup';
import { ensureSlot, repoint, waitUntilFollowing } from '../replication/follow';
import { type NodeShape, nodeName, shapeOf } from '../shape';
import { endOfLog } from './end-of-log';

const addMs = 60_000;
const removeMs = 30_000;

/**
 * One more slave, a copy of its upstream as it is now; resolves once it streams. If that fails,
 * the cluster is as it was before.
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
    // A base backup has its source write a temporary file.
    requireRoom(cluster, upstream, 'be copied');
    // Without an upstream of its own it follows whoever is master, as one of the born master does.
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
      cleanup.add(`the slot ${shape.name}`, () => cluster.leftovers.dropSlot(upstream, shape.name));
      await ensureSlot(upstream, shape.name, deadline);
    }
    const node = await cluster.createNode(shape, upstream, cleanup, deadline);
    newcomer = node;
    await keepingWal(upstream, deadline, async () => {
      await node.start(deadline);
      await waitUntilFollowing(node, upstream, deadline);
    });
    await cluster.admit(node, cleanup, deadline);
    return node;
  } catch (error) {
    const failure = await explain(error, shape, upstream, newcomer);
    throw await cluster.leftovers.cleanUpAfter(failure, cleanup, Deadline.in(removeMs));
  }
}

/** With the end of the newcomer's log, which is removed with it. */
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
      ...(newcomer ? [await endOfLog(newcomer)] : []),
    ].join('\n'),
    { cause: error },
  );
}

/** Removes a slave for good; who streamed from it is turned to its upstream. */
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
    for (const follower of cluster.nodes.filter((other) => other.upstream === node)) {
      if (follower.state !== 'running') follower.upstream = upstream;
      else await repoint(follower, upstream, cluster.conninfo(upstream), deadline);
    }
    await cluster.removeNode(node, deadline);
    if (node.shape.slot) await cluster.leftovers.dropSlot(upstream, node.name);
    return true;
  });
}

/** @throws `ERR_PG_CLUSTER_STATE` for one of those that commits wait for, if all are needed */
function requireEnoughWithout(cluster: Cluster, node: Node): void {
  const names = cluster.confirmersOf(cluster.master);
  if (!names.includes(node.name) || names.length > cluster.synchronous) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot be removed: each commit waits for ${cluster.synchronous} of the synchronous slaves, and there are only these: ${names.join(', ')}; addSlave({ synchronous: true }) first`,
  );
}
