import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { note, timed } from '../../base/step-times';
import type { Cluster } from '../cluster';
import { logExcerpt } from '../node/log-excerpt';
import type { Node } from '../node/node';
import type { Snapshot } from '../snapshots';
import { recreate } from './create-node';
import { removeNode } from './membership';
import { expectRestore, usualName } from './snapshot';
import { startInOrder, untilWhole } from './start-nodes';

const restoreMs = 60_000;

/** Restores the cluster to how it was born. */
export function reset(cluster: Cluster): Promise<void> {
  return restoreTo(cluster, cluster.newborn);
}

/** Restores the cluster to the snapshot of that name. */
export async function restore(cluster: Cluster, name: string = usualName): Promise<void> {
  const snapshot = cluster.snapshots.get(name);
  if (!snapshot) {
    const known = cluster.snapshots.names.map((key) => JSON.stringify(key)).join(', ');
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ARGUMENT',
      `there is no snapshot ${JSON.stringify(name)}; ${known === '' ? 'take one by snapshot()' : `there are ${known}`}`,
    );
  }
  await restoreTo(cluster, snapshot, name);
}

/** Restores the cluster to one of its snapshots, or to how it was born. */
export function restoreTo(cluster: Cluster, snapshot: Snapshot, name?: string): Promise<void> {
  const act = snapshot === cluster.newborn ? 'reset' : 'restore';
  return cluster.change(act, async (tell) => {
    if (name !== undefined) tell({ detail: name });
    await restoreNodes(cluster, snapshot, Deadline.in(restoreMs));
    return true;
  });
}

/**
 * Restores a cluster to a snapshot, whatever state it is in. It asks no server and undoes no fault:
 * it replaces the data of each server and starts it.
 *
 * @throws `ERR_PG_CLUSTER_RESET` with the ends of the nodes' logs
 */
export async function restoreNodes(
  cluster: Cluster,
  snapshot: Snapshot,
  deadline: Deadline,
): Promise<void> {
  const concerned = new Set([...cluster.nodes, ...snapshot.members.map(({ node }) => node)]);
  try {
    await cluster.exclusively([...concerned], async () => {
      if (!(await replaceBySpares(cluster, snapshot, deadline))) {
        await restoreInPlace(cluster, snapshot, deadline);
      }
      await cluster.pendingRemovals.tryAgain(deadline);
      await cluster.movingEndpoints?.asNew();
    });
  } catch (error) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_RESET',
      [
        `the cluster could not be restored: ${messageOf(error)}`,
        ...(await Promise.all(snapshot.members.map(({ node }) => logExcerpt(node)))),
      ].join('\n'),
      { cause: error },
    );
  }
  expectRestore(cluster, snapshot);
}

/**
 * Lets the cluster's spares take the place of its servers, if there are some for that snapshot.
 * Resolves to whether they have; then the former servers become spares in the background.
 */
async function replaceBySpares(
  cluster: Cluster,
  snapshot: Snapshot,
  deadline: Deadline,
): Promise<boolean> {
  const { spares } = cluster.plan;
  const set = spares.take(snapshot);
  if (!set) return false;
  const missing = without(nodesOf(snapshot), cluster.nodes);
  try {
    const sql = passwordSql(cluster, snapshot);
    const nodes = await timed('waiting for spare servers', () => set.whole(sql, deadline));
    await removeAdded(cluster, snapshot, deadline);
    await timed('leading clients to them', () => set.takePlace(deadline));
    const former = nodesOf(snapshot).map(({ engineNode }) => engineNode);
    for (const [index, { node }] of snapshot.members.entries()) {
      const spare = nodes[index];
      if (spare) node.becomes(spare);
    }
    cluster.becomeAsIn(snapshot);
    cluster.pendingRemovals.forgetSlots();
    if (missing.length === 0) spares.giveBack(set, former);
    else spares.removeLater(set);
    return true;
  } catch (error) {
    // Somebody may have ended them, or the wire.
    note(`spare servers cannot be used: ${messageOf(error)}`);
    spares.giveUp(set);
    return false;
  }
}

/** Replaces the data of each server, and starts it. */
async function restoreInPlace(
  cluster: Cluster,
  snapshot: Snapshot,
  deadline: Deadline,
): Promise<void> {
  const { engine } = cluster.plan;
  await removeAdded(cluster, snapshot, deadline);
  // After that: since a reset another node may have had the name of one that is missing now.
  const missing = without(nodesOf(snapshot), cluster.nodes);
  await Promise.all(missing.map((node) => recreate(cluster, node, deadline)));
  cluster.becomeAsIn(snapshot);
  cluster.pendingRemovals.forgetSlots();
  const restored = new Map(
    snapshot.members.map(({ node, snapshot: as }) => [
      node,
      timed(`replacing the data of ${node.name}`, () => node.restore(as(engine), deadline)),
    ]),
  );
  const start = async (node: Node) => {
    await restored.get(node);
    await timed(`starting ${node.name} until it answers`, () => node.start(deadline));
  };
  // All servers end now. The master need not wait for the others, nor they for its start.
  await Promise.all([...restored.values(), startInOrder(cluster.nodes, start, deadline)]);
  const sql = passwordSql(cluster, snapshot);
  if (sql !== undefined) await cluster.master.sql(sql, [], deadline);
  await timed('replication until all stream', () => untilWhole(cluster, deadline));
}

/** Ends what works in the background, and removes the nodes that the snapshot does not have. */
async function removeAdded(
  cluster: Cluster,
  snapshot: Snapshot,
  deadline: Deadline,
): Promise<void> {
  cluster.forgetFaults();
  // A failure is reported by the next attempt, when everything else is restored.
  await cluster.pendingRemovals.tryAgain(deadline).catch(() => {});
  const added = without(cluster.nodes, nodesOf(snapshot));
  await Promise.all(added.map((node) => removeNode(cluster, node, new CleanupStack(), deadline)));
}

/** The tests' role of a newborn cluster has the password that it was born with. */
function passwordSql({ plan, newborn }: Cluster, snapshot: Snapshot): string | undefined {
  return snapshot === newborn ? plan.credentials.changeSql : undefined;
}

function nodesOf({ members }: Snapshot): readonly Node[] {
  return members.map(({ node }) => node);
}

function without(nodes: readonly Node[], others: readonly Node[]): Node[] {
  return nodes.filter((node) => !others.includes(node));
}
