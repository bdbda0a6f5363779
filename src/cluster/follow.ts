import { Deadline, poll } from '../deadline';
import { messageOf } from '../errors';
import type { Node } from './node';
import { changeSettings } from './node-settings';
import { type Lsn, walSenders } from './replication';

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

/** A physical slot for a slave, if it is not there yet; it keeps WAL from now on. */
export async function ensureSlot(upstream: Node, name: string, deadline: Deadline): Promise<void> {
  await upstream.sql(
    `SELECT pg_create_physical_replication_slot($1, true)
      WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`,
    [name],
    deadline,
  );
}

/** As far as it can be done now: a slot that stays keeps WAL, but breaks nothing. */
export async function dropSlot(upstream: Node, name: string): Promise<void> {
  if (upstream.state !== 'running') return;
  const deadline = Deadline.in(2000);
  await poll({
    deadline,
    what: `the slot ${name} to be free`,
    intervalMs: 20,
    look: async () => {
      const [row] = await upstream.sql<{ active: boolean }>(
        `SELECT active FROM pg_replication_slots WHERE slot_name = $1`,
        [name],
        deadline,
      );
      if (!row) return { done: undefined };
      if (row.active) return { seen: 'it is in use' };
      await upstream.sql('SELECT pg_drop_replication_slot($1)', [name], deadline);
      return { done: undefined };
    },
  }).catch(() => {});
}

/** A point in the history of a cluster. */
export interface WalPosition {
  readonly timelineId: number;
  readonly lsn: Lsn;
}

/** How far a server has come that answers, as master or as slave. */
export async function walPosition(node: Node, deadline: Deadline): Promise<WalPosition> {
  const [row] = await node.sql<WalPosition>(
    `SELECT CASE WHEN recovering
              THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), timeline_id)
              ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
            END AS "timelineId",
            CASE WHEN recovering
              THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
              ELSE pg_current_wal_flush_lsn()
            END::text AS lsn
       FROM pg_is_in_recovery() AS recovering, pg_control_checkpoint()`,
    [],
    deadline,
  );
  return row ?? { timelineId: 1, lsn: '0/0' };
}

/**
 * Bytes of WAL that a server at `position` has and `master` never had: 0 if it only is behind.
 * A timeline's history file tells where each of its ancestors was left.
 */
export async function divergedBytes(
  position: WalPosition,
  master: Node,
  deadline: Deadline,
): Promise<number> {
  const now = await walPosition(master, deadline);
  const end =
    position.timelineId === now.timelineId
      ? now.lsn
      : await leftAt(master, now.timelineId, position.timelineId, deadline);
  const [row] = await master.sql<{ bytes: number }>(
    'SELECT greatest(0, pg_wal_lsn_diff($1, $2))::float8 AS bytes',
    [position.lsn, end],
    deadline,
  );
  return row?.bytes ?? 0;
}

/** Where the history of `timelineId` left its ancestor `from`. */
async function leftAt(
  master: Node,
  timelineId: number,
  from: number,
  deadline: Deadline,
): Promise<Lsn> {
  const file = `pg_wal/${timelineId.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const [row] = await master.sql<{ history: string | null }>(
    'SELECT pg_read_file($1, 0, 1000000, true) AS history',
    [file],
    deadline,
  );
  for (const line of (row?.history ?? '').split('\n')) {
    const [ancestor, lsn] = line.trim().split(/\s+/);
    if (Number(ancestor) === from && lsn) return lsn;
  }
  // A timeline that this master does not descend from: all of it is foreign.
  return '0/0';
}
