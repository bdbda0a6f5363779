import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { newId } from '../../base/new-id';
import { timed } from '../../base/step-times';
import { text } from '../../base/value-rules';
import type { Engine } from '../../engine/engine';
import type { Cluster } from '../cluster';
import { synchronousStandbyNames } from '../confirmers';
import type { Node } from '../node/node';
import { keepingWal, snapshotSource } from '../replication/backup';
import { writtenBySystem } from '../settings/alter-system';
import { nodeConf, primaryConninfo } from '../settings/node-conf';
import type { Snapshot } from '../snapshots';
import { beginSpares } from './spare-set';

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
      await timed('looking whether the cluster is whole', () => requireWhole(cluster, deadline));
      const id = newId();
      // Before the data are copied: settings must not be newer than they.
      taken = await timed('noting settings', () => asItIs(cluster, id, deadline));
      await timed('keeping the data', () => saveData(cluster, id, deadline));
    });
    return true;
  });
  if (!taken) throw new Error('no snapshot was taken');
  cluster.snapshots.add(name, taken);
  expectRestore(cluster, taken);
}

/** Lets a restore to this snapshot be prepared in the background. */
export function expectRestore({ plan }: Cluster, snapshot: Snapshot): void {
  if (beginSpares(plan, snapshot)) return;
  for (const { node, snapshot: as } of snapshot.members) {
    node.engineNode.expectRestore(as(plan.engine));
  }
}

/** Keeps a copy of the data of today's master, which all nodes can be restored to. */
function saveData({ master, plan }: Cluster, id: string, deadline: Deadline): Promise<void> {
  return keepingWal(master, deadline, () =>
    plan.engine.saveSnapshot(id, snapshotSource(master), deadline),
  );
}

/** What the nodes are now. @param id names the copy of the master's data */
async function asItIs(cluster: Cluster, id: string, deadline: Deadline): Promise<Snapshot> {
  const members = cluster.nodes.map(async (node) => {
    const role = cluster.roleOf(node);
    const conf = await confOf(cluster, node, deadline);
    return {
      node,
      upstream: node === cluster.master ? undefined : cluster.upstreamOf(node),
      snapshot: (engine: Engine) => ({ id, role, conf: conf(engine) }),
    };
  });
  const { history } = cluster.master;
  return { id, members: await Promise.all(members), nextIndex: cluster.nextIndex, history };
}

/** The settings in its file, with those that make it the node that it is now. */
async function confOf(
  cluster: Cluster,
  node: Node,
  deadline: Deadline,
): Promise<(engine: Engine) => string> {
  const { master, synchronous } = cluster;
  const names = cluster.confirmersOf(node, (other) => other !== master);
  const written = Object.fromEntries(await writtenBySystem(node, deadline));
  const { name } = node === master ? node : cluster.upstreamOf(node);
  return (engine) =>
    nodeConf(
      { ...node.shape, settings: {} },
      primaryConninfo(engine.clusterEndpoint(name)),
      synchronousStandbyNames(synchronous, names),
      written,
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
