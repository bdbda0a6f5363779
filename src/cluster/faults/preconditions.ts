import type { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Front } from '../../wire/front';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { isInRecovery } from '../replication/follow';
import { diskFull } from './disk-faults';

/** @throws `ERR_PG_CLUSTER_UNSUPPORTED` without a wire; `what` completes "pg0 cannot …". */
export function requireFront(node: Node, what: string): Front {
  if (node.wired) return node.wired.front;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_UNSUPPORTED',
    `${node.name} cannot ${what}: nothing stands between it and its clients, since the option \`wire\` is false; leave that out`,
  );
}

/** @throws `ERR_PG_CLUSTER_STATE` on a master; `what` completes "pg0 cannot …". */
export function requireSlave(cluster: Cluster, node: Node, what: string, help: string): void {
  if (node !== cluster.master) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot ${what}: it is the master, which replays nothing; ${help}`,
  );
}

/**
 * @throws `ERR_PG_CLUSTER_STATE` on a server that runs, but not as a slave: a former master that
 * nobody has ended. `what` completes "pg0 cannot …".
 */
export async function requireRecovery(
  cluster: Cluster,
  node: Node,
  what: string,
  deadline: Deadline,
): Promise<void> {
  if (await isInRecovery(node, deadline)) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot ${what}: its server is a master already, beside ${cluster.master.name} (a split brain); rejoin() it first, to make it a slave`,
  );
}

/**
 * @throws `ERR_PG_CLUSTER_STATE` when we have filled the node's disk; `what` completes "pg0 cannot
 * …".
 */
export function requireRoom(cluster: Cluster, node: Node, what: string): void {
  if (!cluster.faults.has(node.name, diskFull)) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot ${what}: its disk is full; freeDisk() it first, or heal()`,
  );
}

/**
 * Makes a node take SQL, so that what was done by SQL can be undone: it may have been frozen or
 * ended since. Resolves to false when that is of no use: the node is gone for good, or it is a
 * former master that has ended, whose data and settings heal replaces.
 */
export async function awaken(cluster: Cluster, node: Node, deadline: Deadline): Promise<boolean> {
  const { state } = await node.observe(deadline);
  if (state === 'gone') return false;
  if (state === 'paused') await node.unpause(deadline);
  if (state === 'stopped') {
    if (node !== cluster.master && !node.isStandby) return false;
    await node.start(deadline);
  }
  return true;
}
