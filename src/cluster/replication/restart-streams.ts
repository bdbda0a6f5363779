import { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { type Backend, backendColumns, endBackends, untilEnded } from './backends';

const restartMs = 1000;

/**
 * Ends the replication connections of a node; slaves connect again at once. Left alone, TCP would
 * wait twice as long after each lost attempt, and the old sender would keep the slot.
 *
 * Best effort: a node with another fault cannot be asked, and there is no hurry.
 */
export async function restartStreams(cluster: Cluster, node: Node): Promise<void> {
  const links = cluster.following.filter(
    ({ slave, upstream }) => slave === node || upstream === node,
  );
  await Promise.allSettled(
    links.map(async ({ slave, upstream }) => {
      const deadline = Deadline.in(restartMs);
      const [senders, receivers] = await Promise.all([
        upstream.sql<Backend>(
          `SELECT ${backendColumns} FROM pg_stat_replication WHERE application_name = $1`,
          [slave.name],
          deadline,
        ),
        slave.sql<Backend>(
          `SELECT ${backendColumns} FROM pg_stat_activity WHERE backend_type = 'walreceiver'`,
          [],
          deadline,
        ),
      ]);
      // Until they have ended, the old ones are listed, and say that they stream.
      await Promise.allSettled([
        endBackends(upstream, senders, deadline),
        endReceivers(slave, receivers, deadline),
      ]);
    }),
  );
}

/** pg_terminate_backend refuses a walreceiver, but the server itself may signal it. */
async function endReceivers(
  slave: Node,
  receivers: readonly Backend[],
  deadline: Deadline,
): Promise<void> {
  if (receivers.length === 0) return;
  const command = `kill ${receivers.map(({ pid }) => pid).join(' ')}`;
  await slave.sql(`COPY (SELECT WHERE false) TO PROGRAM '${command}'`, [], deadline);
  await untilEnded(slave, receivers, deadline);
}
