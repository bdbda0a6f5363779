import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { timed } from '../../base/step-times';
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
  const members = new Map(snapshot.members.map((member) => [member.node, member]));
  const concerned = new Set([...cluster.nodes, ...members.keys()]);
  try {
    await cluster.exclusively([...concerned], async () => {
      await restoreMembers(cluster, snapshot, deadline);
      const restored = new Map(
        snapshot.members.map((member) => [
          member.node,
          timed(`replacing the data of ${member.node.name}`, () =>
            member.node.restore(member.snapshot, deadline),
          ),
        ]),
      );
      const start = async (node: Node) => {
        await restored.get(node);
        await timed(`starting ${node.name} until it answers`, () => node.start(deadline));
      };
      // All servers end now. The master need not wait for the others, nor they for its start.
      await Promise.all([...restored.values(), startInOrder(cluster.nodes, start, deadline)]);
      if (snapshot === cluster.newborn) await tellPassword(cluster, deadline);
      await timed('replication until all stream', () => untilWhole(cluster, deadline));
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
  expectRestore(snapshot);
}

/** Removes the nodes that the snapshot does not have, and makes the missing ones again. */
async function restoreMembers(
  cluster: Cluster,
  snapshot: Snapshot,
  deadline: Deadline,
): Promise<void> {
  const before = cluster.nodes;
  const then = snapshot.members.map(({ node }) => node);
  cluster.forgetFaults();
  const [added, missing] = [without(before, then), without(then, before)];
  // A failure is reported by the next attempt, when everything else is restored.
  await cluster.pendingRemovals.tryAgain(deadline).catch(() => {});
  await Promise.all(added.map((node) => removeNode(cluster, node, new CleanupStack(), deadline)));
  // After that: since a reset another node may have had the name of one that is missing now.
  await Promise.all(missing.map((node) => recreate(cluster, node, deadline)));
  cluster.becomeAsIn(snapshot);
  cluster.pendingRemovals.forgetSlots();
}

/** The tests' role of a newborn cluster has the password that it was born with. */
async function tellPassword({ master, plan }: Cluster, deadline: Deadline): Promise<void> {
  const { changeSql } = plan.credentials;
  if (changeSql !== undefined) await master.sql(changeSql, [], deadline);
}

function without(nodes: readonly Node[], others: readonly Node[]): Node[] {
  return nodes.filter((node) => !others.includes(node));
}
