import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { newId } from '../../base/new-id';
import { text } from '../../base/value-rules';
import type { Cluster } from '../cluster';
import { synchronousStandbyNames } from '../confirmers';
import type { Node } from '../node/node';
import { cloneSource, keepingWal } from '../replication/backup';
import { writtenBySystem } from '../settings/alter-system';
import { conninfoOf, nodeConf } from '../settings/node-conf';
import type { Snapshot } from '../snapshots';

const snapshotMs = 60_000;

/** The name of the snapshot that is taken and restored when none is given. */
export const usualName = 'default';
export const snapshotName = text(1000, /./s, 'a text that is not empty');

/** Keeps the cluster as it is now. Clients go on meanwhile. */
export async function snapshot(cluster: Cluster, name: string = usualName): Promise<void> {
  let taken: Snapshot | undefined;
  await cluster.change('snapshot', async (tell) => {
    const deadline = Deadline.in(snapshotMs);
    tell({ detail: name });
    await cluster.exclusively(cluster.nodes, async () => {
      await requireWhole(cluster, deadline);
      const id = newId();
      // Before the data are copied: settings must not be newer than they.
      taken = await asItIs(cluster, id, deadline);
      await saveData(cluster, id, deadline);
    });
    return true;
  });
  if (!taken) throw new Error('no snapshot was taken');
  cluster.snapshots.add(name, taken);
  expectRestore(taken);
}

/** Lets the nodes prepare in the background for a restore to this snapshot. */
export function expectRestore({ members }: Snapshot): void {
  for (const { node, snapshot } of members) node.engineNode.expectRestore(snapshot);
}

/** Keeps a copy of the data of today's master, which all nodes can be restored to. */
function saveData({ master, plan }: Cluster, id: string, deadline: Deadline): Promise<void> {
  return keepingWal(master, deadline, () =>
    plan.engine.saveSnapshot(id, cloneSource(master), deadline),
  );
}

/** What the nodes are now. @param id names the copy of the master's data */
async function asItIs(cluster: Cluster, id: string, deadline: Deadline): Promise<Snapshot> {
  const members = cluster.nodes.map(async (node) => ({
    node,
    upstream: node === cluster.master ? undefined : cluster.upstreamOf(node),
    snapshot: { id, role: cluster.roleOf(node), conf: await confOf(cluster, node, deadline) },
  }));
  const { history } = cluster.master;
  return { members: await Promise.all(members), nextIndex: cluster.nextIndex, history };
}

/** The settings in its file, with those that make it the node that it is now. */
async function confOf(cluster: Cluster, node: Node, deadline: Deadline): Promise<string> {
  const { master, synchronous } = cluster;
  const names = cluster.confirmersOf(node, (other) => other !== master);
  return nodeConf(
    { ...node.shape, settings: {} },
    conninfoOf(cluster, node === master ? node : cluster.upstreamOf(node)),
    synchronousStandbyNames(synchronous, names),
    Object.fromEntries(await writtenBySystem(node, deadline)),
  );
}

/** With a fault, a restore would bring back its effects, but not the fault. */
async function requireWhole(cluster: Cluster, deadline: Deadline): Promise<void> {
  // A server that others have ended or started has no fault of ours any more.
  await Promise.all(cluster.nodes.map((node) => node.observe(deadline)));
  const [fault] = cluster.faults.all;
  if (fault) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `no snapshot can be taken: ${fault.node} is ${fault.kind}; undo that first, or heal()`,
    );
  }
  for (const node of cluster.nodes) await node.requireRunning('be part of a snapshot', deadline);
  const tablespaces = await cluster.master.sql<{ name: string }>(
    `SELECT spcname AS name FROM pg_tablespace WHERE spcname NOT LIKE 'pg\\_%'`,
    [],
    deadline,
  );
  if (tablespaces.length === 0) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_UNSUPPORTED',
    `no snapshot can be taken: there are tablespaces (${tablespaces.map(({ name }) => name).join(', ')}), whose files are outside of the data directory`,
  );
}
