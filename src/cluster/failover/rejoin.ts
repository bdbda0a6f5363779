import { Deadline } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import type { WalEnd } from '../../engine/engine-node';
import { lsnNumber } from '../../postgres/wal/lsn';
import { divergedBytes, isComparable, type WalPosition } from '../../postgres/wal/wal-history';
import type { Cluster } from '../cluster';
import { requireRoom } from '../faults/preconditions';
import type { Node } from '../node/node';
import { nodeName } from '../node/node-shape';
import { cloneSource, keepingWal } from '../replication/backup';
import { isInRecovery, repoint, waitUntilFollowing } from '../replication/follow';
import { ensureSlot } from '../replication/slots';
import { whileSlavesReplay } from '../replication/stand-still';
import { settleSynchronous } from '../replication/synchronous';
import { walPosition } from '../replication/wal-position';
import { cloneConf, conninfoOf } from '../settings/node-conf';

const rejoinMs = 60_000;
const followMs = 5_000;

/** What had to be done to make a node a slave of today's master. */
export type Rejoined =
  | { readonly how: 'unchanged' | 'started' | 'repointed' }
  | { readonly how: 'rebuilt'; readonly lostBytes: number | undefined };

/** Makes a former master, or a node that lost touch, a slave of today's master. */
export async function rejoin(cluster: Cluster, node: Node): Promise<void> {
  await cluster.act('rejoin', node, async (tell) => {
    if (node === cluster.master) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${node.name} cannot rejoin: it is the master that others join`,
      );
    }
    await cluster.master.requireRunning('take a slave');
    requireRoom(cluster, node, 'rejoin');
    requireRoom(cluster, cluster.master, 'be copied');
    const done = await makeFollow(cluster, node, Deadline.in(rejoinMs));
    if (done.how === 'rebuilt') tell({ detail: describeLoss(done.lostBytes) });
    return done.how !== 'unchanged';
  });
}

/** Words for the timeline. */
export function describeLoss(lostBytes: number | undefined): string {
  if (lostBytes === undefined) return 'rebuilt from the master; what it had lost is not known';
  return `rebuilt from the master; ${lostBytes} bytes of its WAL were dropped`;
}

/**
 * Makes a node follow its upstream in the cheapest way that works: it is left as it is, started,
 * repointed or rebuilt.
 */
export function makeFollow(cluster: Cluster, node: Node, deadline: Deadline): Promise<Rejoined> {
  return whileSlavesReplay(cluster, [node], deadline, () => follow(cluster, node, deadline));
}

async function follow(cluster: Cluster, node: Node, deadline: Deadline): Promise<Rejoined> {
  const upstream = await upstreamFor(cluster, node, deadline);
  const { state } = await node.observe(deadline);
  if (state === 'paused') {
    await node.kill();
  } else if (state !== 'running' && !node.isStandby) {
    return rebuild(cluster, node, upstream, deadline);
  }
  const started = await node.start(deadline);
  if (!(await isInRecovery(node, deadline))) {
    return rebuild(cluster, node, upstream, deadline);
  }
  // It is ahead of the master on a branch of its own, and would try to stream for ever.
  const position = await walPosition(node, deadline);
  if (divergedBytes(position, await walPosition(cluster.master, deadline)) > 0) {
    return rebuild(cluster, node, upstream, deadline);
  }
  const conninfo = conninfoOf(cluster, upstream);
  const repointed = !(await pointsTo(node, conninfo, deadline));
  if (repointed) await repoint(node, upstream, conninfo, deadline);
  node.follows(upstream);
  try {
    await waitUntilFollowing(node, upstream, deadline.atMost(followMs));
    await settleSynchronous(cluster, deadline, node);
    return { how: repointed ? 'repointed' : started ? 'started' : 'unchanged' };
  } catch (error) {
    if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    return rebuild(cluster, node, upstream, deadline);
  }
}

/** Replaces a node's data by a copy of its upstream's and starts it as a slave. */
async function rebuild(
  cluster: Cluster,
  node: Node,
  upstream: Node,
  deadline: Deadline,
): Promise<Rejoined> {
  const { state } = await node.observe(deadline);
  let position: WalPosition | undefined;
  if (state === 'running') {
    position = await walPosition(node, deadline.atMost(2000)).catch(() => undefined);
  }
  if (state !== 'stopped') await node.kill();
  if (node.shape.slot) await ensureSlot(upstream, node.name, deadline);
  const conf = await cloneConf(cluster, node, upstream, deadline);
  await node.engineNode.setNextStart({ clone: cloneSource(upstream), conf }, deadline);
  let lost: WalEnd | undefined;
  await keepingWal(upstream, deadline, async () => {
    lost = (await node.start(deadline))?.lostWal;
    cluster.faults.dataReplaced(node.name);
    node.follows(upstream);
    await waitUntilFollowing(node, upstream, deadline);
  });
  await settleSynchronous(cluster, deadline, node);
  position ??= lost && positionOf(lost, node);
  const master = await walPosition(cluster.master, deadline);
  const known = position && isComparable(position.history, master.history) ? position : undefined;
  return { how: 'rebuilt', lostBytes: known && divergedBytes(known, master) };
}

/** Where the WAL of a node's former data ended. */
function positionOf({ timelineId, lsn }: WalEnd, node: Node): WalPosition {
  // Its timeline is the one that it was master on, or that of a master that we know.
  const isItsOwn = node.history.timelineId === timelineId;
  const history = isItsOwn ? node.history : { timelineId, before: undefined, marks: new Map() };
  return { history, lsn: lsnNumber(lsn) };
}

/**
 * Whom a node should follow: the slave that its shape names, if that one follows the master
 * itself; else the master, whoever that is now.
 */
export async function upstreamFor(cluster: Cluster, node: Node, deadline: Deadline): Promise<Node> {
  const named = cluster.nodes.find(({ name }) => name === node.shape.upstream);
  const isCascade = named && named.name !== nodeName(0) && named !== cluster.master;
  if (!isCascade || named === node || named.upstream !== cluster.master) return cluster.master;
  const follows = await isInRecovery(named, deadline.atMost(1000)).catch(() => false);
  return follows ? named : cluster.master;
}

async function pointsTo(node: Node, conninfo: string, deadline: Deadline): Promise<boolean> {
  const [row] = await node.sql<{ conninfo: string }>(
    `SELECT current_setting('primary_conninfo') AS conninfo`,
    [],
    deadline,
  );
  return row?.conninfo === conninfo;
}
