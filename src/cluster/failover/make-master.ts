import { Deadline, poll } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import { requireRecovery } from '../faults/preconditions';
import { endSetting } from '../faults/setting-fault';
import type { Node } from '../node/node';
import { isInRecovery } from '../replication/follow';
import { replayDelayed, replayPaused } from '../replication/replay-pause';
import { prepareMaster } from '../replication/synchronous';
import { walPosition } from '../replication/wal-position';

const promoteMs = 15_000;

/**
 * Promotes a server and makes it the master of the cluster.
 * @param joining the former master, if it is to be a slave at once
 */
export async function makeMaster(cluster: Cluster, node: Node, joining?: Node): Promise<void> {
  const deadline = Deadline.in(promoteMs);
  await requireRecovery(cluster, node, 'be promoted', deadline);
  // A promotion does not wait for the delay, and a master has nothing to delay.
  await endSetting(cluster, node, replayDelayed, deadline);
  // Before the promotion: its first commit already has to wait for the right slaves.
  await prepareMaster(cluster, node, deadline, joining);
  await node.sql('SELECT pg_promote(false)', [], deadline);
  await poll({
    deadline,
    what: `${node.name} to end its recovery`,
    intervalMs: 5,
    look: async () =>
      (await isInRecovery(node, deadline)) ? { seen: 'it is in recovery' } : { done: undefined },
  });
  // A promotion ends a pause of replay.
  cluster.faults.remove(node.name, replayPaused);
  cluster.setMaster(node, (await walPosition(node, deadline)).history);
}

/** @throws `ERR_PG_CLUSTER_STATE` for the master; `what` completes "pg0 cannot be …". */
export function refuseMaster(cluster: Cluster, node: Node, what: string, help: string): void {
  cluster.assertMember(node);
  if (node !== cluster.master) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot be ${what}: it is the master; ${help}`,
  );
}
