import { type Deadline, poll } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import type { Lsn } from '../../postgres/wal/lsn';
import type { Node } from '../node/node';
import { changeSettings } from '../settings/alter-system';
import type { Following } from '../topology';
import { dropSlot, ensureSlot } from './slots';
import { walSenders } from './wal-senders';

/** Whether a server that answers is a slave. */
export async function isInRecovery(node: Node, deadline: Deadline): Promise<boolean> {
  const [row] = await node.sql<{ recovering: boolean }>(
    'SELECT pg_is_in_recovery() AS recovering',
    [],
    deadline,
  );
  return row?.recovering ?? false;
}

/** Makes a running slave follow another upstream. It need not restart (version 13 and later). */
export async function repoint(
  node: Node,
  upstream: Node,
  primaryConninfo: string,
  deadline: Deadline,
): Promise<void> {
  const former = node.upstream;
  if (node.shape.slot) await ensureSlot(upstream, node.name, deadline);
  await changeSettings(node, { primary_conninfo: primaryConninfo }, deadline);
  node.follows(upstream);
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

/** Waits until all of these slaves stream and have received what `master` has written so far. */
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
