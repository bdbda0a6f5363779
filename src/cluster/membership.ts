import { Deadline } from '../deadline';
import { PgClusterError } from '../errors';
import type { SlaveOptions } from '../options';
import { slaveProblems } from '../options-rules';
import { isObject, type Rule } from '../rules';
import { requireArgument } from './arguments';
import type { Cluster } from './cluster';
import { dropSlot, ensureSlot, repoint, waitUntilFollowing } from './follow';
import type { Node } from './node';
import { shapeOf } from './shape';

const addMs = 60_000;

/** Its upstream is looked for when its turn has come: nodes may be added and removed until then. */
const specRule: Rule = (spec) => {
  const wishes: unknown = isObject(spec) ? { ...spec } : spec;
  if (isObject(wishes)) delete wishes.upstream;
  const problems = slaveProblems(wishes, 0, '');
  return problems.length > 0 ? { problem: problems.join('; ') } : { value: spec };
};

/** One more slave, a copy of its upstream as it is now; resolves once it streams. */
export async function addSlave(cluster: Cluster, spec: SlaveOptions = {}): Promise<Node> {
  requireArgument('addSlave', 'the slave', specRule, spec);
  let added: Node | undefined;
  await cluster.change('add slave', async (tell) => {
    const deadline = Deadline.in(addMs);
    const upstream = spec.upstream === undefined ? cluster.master : cluster.node(spec.upstream);
    await upstream.requireRunning('be copied', deadline);
    const shape = shapeOf(cluster.takeIndex(), spec, upstream.name, true);
    if (shape.slot) await ensureSlot(upstream, shape.name, deadline);
    added = await cluster.createNode(shape, upstream, deadline);
    await waitUntilFollowing(added, upstream, deadline);
    tell({ detail: `${added.name} streams from ${upstream.name}` });
    return true;
  });
  if (!added) throw new Error('addSlave made no node');
  return added;
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
    const deadline = Deadline.in(addMs);
    const upstream = cluster.upstreamOf(node);
    for (const follower of cluster.nodes.filter((other) => other.upstream === node)) {
      if (follower.state !== 'running') follower.upstream = upstream;
      else await repoint(follower, upstream, cluster.conninfo(upstream), deadline);
    }
    await cluster.removeNode(node, deadline);
    if (node.shape.slot) await dropSlot(upstream, node.name);
    return true;
  });
}
