import type { CleanupStack } from '../../base/cleanup-stack';
import type { Deadline } from '../../base/deadline';
import type { Engine } from '../../engine/engine';
import type { EngineNode, NodeSnapshot } from '../../engine/engine-node';
import type { Settings } from '../../postgres/settings';
import { bornHistory } from '../../postgres/wal/wal-history';
import type { Cluster, ClusterPlan } from '../cluster';
import { confirmer, confirmersOf, synchronousStandbyNames } from '../confirmers';
import { Node } from '../node/node';
import { bornRole, type NodeShape, nodeName } from '../node/node-shape';
import { cloneSource } from '../replication/backup';
import { inheritedFrom } from '../settings/inherited-settings';
import { nodeConf, primaryConninfo } from '../settings/node-conf';
import type { Snapshot } from '../snapshots';

/** How long it may take to remove one node. */
export const removeNodeMs = 20_000;

/** Makes one of the nodes that a cluster is born with. @param shapes those of all of them */
export function createNewborn(
  plan: ClusterPlan,
  shape: NodeShape,
  port: number,
  shapes: readonly NodeShape[],
  deadline: Deadline,
): Promise<EngineNode> {
  const conf = () => newbornNode(plan, shape, shapes).conf;
  return createAs({ id: undefined, role: bornRole(shape), conf }, { plan, shape, port }, deadline);
}

/** What a server is in a snapshot; asked for its settings when all of its cluster have been made. */
type As = Pick<NodeSnapshot, 'id' | 'role'> & { readonly conf: () => string };

/** Makes a spare for a node. @param plan that of spares */
export function createSpare(
  as: As,
  { shape, engineNode }: Node,
  plan: ClusterPlan,
  deadline: Deadline,
): Promise<EngineNode> {
  return createAs(as, { plan, shape, port: engineNode.endpoint.port }, deadline);
}

function createAs(
  { id, role, conf }: As,
  { plan, shape, port }: { plan: ClusterPlan; shape: NodeShape; port: number },
  deadline: Deadline,
): Promise<EngineNode> {
  const { engine, credentials, tls } = plan;
  return engine.createNode(
    {
      name: shape.name,
      role,
      snapshot: id,
      clone: undefined,
      port,
      conf,
      passfile: credentials.passfile,
      // Whatever it begins as, it may be reset.
      bornSql: bornRole(shape) === 'master' ? credentials.bornSql : '',
      tls: tls?.server,
    },
    deadline,
  );
}

/** Makes a node again that was removed, on its old endpoint. It has no data yet. */
export async function recreate(cluster: Cluster, node: Node, deadline: Deadline): Promise<void> {
  const shapes = cluster.newborn.members.map((member) => member.node.shape);
  const { port } = node.engineNode.endpoint;
  node.replacedBy(await createNewborn(cluster.plan, node.shape, port, shapes, deadline));
}

/**
 * Makes another slave, a clone of its upstream. It does not run yet, and is no member of the
 * cluster. The steps that remove it again go on `cleanup`.
 */
export async function createClone(
  cluster: Cluster,
  shape: NodeShape,
  upstream: Node,
  cleanup: CleanupStack,
  deadline: Deadline,
): Promise<Node> {
  const { plan } = cluster;
  const shapes = [...cluster.nodes.map((other) => other.shape), shape];
  const inherited = await inheritedFrom(cluster, upstream, deadline);
  const port = await plan.ports.portOf(shape);
  cleanup.add(`the port ${port}`, () => plan.ports.release(port));
  const engineNode = await plan.engine.createNode(
    {
      name: shape.name,
      role: 'slave',
      clone: cloneSource(upstream),
      port,
      conf: () => confOf(plan, shape, upstream.name, shapes, inherited),
      passfile: plan.credentials.passfile,
      bornSql: '',
      tls: plan.tls?.server,
    },
    deadline,
  );
  cleanup.add(shape.name, (by) => engineNode.remove(by), removeNodeMs);
  const node = nodeOf(plan, engineNode, shape);
  cleanup.add(`the connections to ${shape.name}`, () => node.close());
  node.follows(upstream);
  return node;
}

export function nodeOf(plan: ClusterPlan, engineNode: EngineNode, shape: NodeShape): Node {
  const { credentials, spec, tls } = plan;
  return new Node({ engineNode, shape, credentials, database: spec.database, ca: tls?.ca });
}

/** A cluster of these nodes as it is born; the master is the first. */
export function newbornOf(plan: ClusterPlan, nodes: readonly Node[]): Snapshot {
  const shapes = nodes.map(({ shape }) => shape);
  return {
    id: undefined,
    members: nodes.map((node) => ({
      node,
      upstream: nodes.find(({ name }) => name === node.shape.upstream),
      snapshot: (engine: Engine) => newbornNode({ ...plan, engine }, node.shape, shapes),
    })),
    nextIndex: nodes.length,
    history: bornHistory,
  };
}

function newbornNode(
  plan: ClusterPlan,
  shape: NodeShape,
  shapes: readonly NodeShape[],
): NodeSnapshot {
  // A delay from the start would hold back the passwords, and nobody could log in.
  const undelayed = { ...shape, replayDelayMs: 0 };
  const conf = confOf(plan, undelayed, shape.upstream ?? nodeName(0), shapes);
  return { id: undefined, role: bornRole(shape), conf };
}

function confOf(
  { engine, spec }: ClusterPlan,
  shape: NodeShape,
  upstream: string,
  shapes: readonly NodeShape[],
  inherited?: Settings,
): string {
  const confirmers = confirmersOf(
    shape.name,
    shapes.map((other) => confirmer(other)),
  );
  return nodeConf(
    shape,
    primaryConninfo(engine.clusterEndpoint(upstream)),
    synchronousStandbyNames(spec.synchronous, confirmers),
    inherited,
  );
}
