import { Deadline, poll } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import type { Lsn } from '../../postgres/lsn';
import type { Node } from '../node';
import { changeSettings } from '../settings/node-settings';
import { type Following, walSenders } from './streaming';

/** SQL and predicates about who follows whom. What they need to know of the cluster is passed in. */

/** Whether a server that answers is a slave. */
export async function isInRecovery(node: Node, deadline: Deadline): Promise<boolean> {
  const [row] = await node.sql<{ recovering: boolean }>(
    'SELECT pg_is_in_recovery() AS recovering',
    [],
    deadline,
  );
  return row?.recovering ?? false;
}

/** Turns a slave that runs to another upstream; it need not restart (13 and later). */
export async function repoint(
  node: Node,
  upstream: Node,
  primaryConninfo: string,
  deadline: Deadline,
): Promise<void> {
  const former = node.upstream;
  if (node.shape.slot) await ensureSlot(upstream, node.name, deadline);
  await changeSettings(node, { primary_conninfo: primaryConninfo }, deadline);
  node.upstream = upstream;
  if (node.shape.slot && former && former !== upstream) await dropSlot(former, node.name);
}

/** Waits until `upstream` says that `node` streams from it. */
export async function waitUntilFollowing(
  node: Node,
  upstream: Node,
  deadline: Deadline,
): Promise<void> {
  await poll({
    deadline,
    what: `${node.name} to stream from ${upstream.name}`,
    intervalMs: 10,
    look: async () => {
      try {
        const senders = await walSenders(upstream, deadline.atMost(2000));
        const state = senders.find((row) => row.slave === node.name)?.state;
        return state === 'streaming' ? { done: undefined } : { seen: state ?? 'not connected' };
      } catch (error) {
        return { seen: messageOf(error) };
      }
    },
  });
}

/** Waits until all of them stream and have received what `master` has written so far. */
export async function untilAllHave(
  master: Node,
  following: readonly Following[],
  deadline: Deadline,
): Promise<void> {
  const [row] = await master.sql<{ lsn: Lsn }>(
    'SELECT pg_current_wal_flush_lsn()::text AS lsn',
    [],
    deadline,
  );
  await poll({
    deadline,
    what: `slaves to stream and receive ${row?.lsn} of ${master.name}`,
    intervalMs: 5,
    look: async () => {
      const missing = await Promise.all(
        following.map(async ({ slave, upstream }) => {
          try {
            const senders = await walSenders(upstream, deadline.atMost(2000), row?.lsn);
            const sender = senders.find((found) => found.slave === slave.name);
            if (sender?.state === 'streaming' && sender.hasReceived) return [];
            return [`${slave.name} is ${sender?.state ?? `not connected to ${upstream.name}`}`];
          } catch (error) {
            return [`${upstream.name}: ${messageOf(error)}`];
          }
        }),
      );
      const seen = missing.flat().join('; ');
      return seen === '' ? { done: undefined } : { seen };
    },
  });
}

/** A physical slot for a slave, if it is not there yet; it keeps WAL from now on. */
export async function ensureSlot(upstream: Node, name: string, deadline: Deadline): Promise<void> {
  await upstream.sql(
    `SELECT pg_create_physical_replication_slot($1, true)
      WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`,
    [name],
    deadline,
  );
}

/**
 * As far as it can be done now: a slot that stays keeps WAL, but breaks nothing. Resolves to
 * whether there is none of this name any more.
 */
export async function dropSlot(upstream: Node, name: string): Promise<boolean> {
  if (upstream.state !== 'running') return false;
  const deadline = Deadline.in(2000);
  return poll({
    deadline,
    what: `the slot ${name} to be free`,
    intervalMs: 20,
    look: async () => {
      const [row] = await upstream.sql<{ active: boolean }>(
        `SELECT active FROM pg_replication_slots WHERE slot_name = $1`,
        [name],
        deadline,
      );
      if (!row) return { done: true };
      if (row.active) return { seen: 'it is in use' };
      await upstream.sql('SELECT pg_drop_replication_slot($1)', [name], deadline);
      return { done: true };
    },
  }).catch(() => false);
}
