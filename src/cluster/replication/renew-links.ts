import { Deadline } from '../../base/deadline';
import type { Cluster } from '../cluster';
import type { Node } from '../node';
import { endSessions, type Session, sessionColumns, untilEnded } from './sessions';

const renewMs = 1000;

/**
 * Ends the replication connections of a node, so that slaves connect anew, which they do at once.
 * Left alone, TCP tries again only after a time that has doubled with each attempt that was lost,
 * and a slot stays taken by the sender of old.
 *
 * Best effort: a node that another fault is on cannot be asked, and needs no haste.
 */
export async function renewLinks(cluster: Cluster, node: Node): Promise<void> {
  const links = cluster.following.filter(
    ({ slave, upstream }) => slave === node || upstream === node,
  );
  await Promise.allSettled(
    links.map(async ({ slave, upstream }) => {
      const deadline = Deadline.in(renewMs);
      const [senders, receivers] = await Promise.all([
        upstream.sql<Session>(
          `SELECT ${sessionColumns} FROM pg_stat_replication WHERE application_name = $1`,
          [slave.name],
          deadline,
        ),
        slave.sql<Session>(
          `SELECT ${sessionColumns} FROM pg_stat_activity WHERE backend_type = 'walreceiver'`,
          [],
          deadline,
        ),
      ]);
      // Until they have ended, the old ones are shown, and say that they stream.
      await Promise.allSettled([
        endSessions(upstream, senders, deadline),
        endReceivers(slave, receivers, deadline),
      ]);
    }),
  );
}

/** pg_terminate_backend does not take a walreceiver; the server itself may signal it. */
async function endReceivers(
  slave: Node,
  receivers: readonly Session[],
  deadline: Deadline,
): Promise<void> {
  if (receivers.length === 0) return;
  const command = `kill ${receivers.map(({ pid }) => pid).join(' ')}`;
  await slave.sql(`COPY (SELECT WHERE false) TO PROGRAM '${command}'`, [], deadline);
  await untilEnded(slave, receivers, deadline);
}
