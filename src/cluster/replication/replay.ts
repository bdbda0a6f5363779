import type { Deadline } from '../../base/deadline';
import type { Lsn } from '../../postgres/wal/lsn';
import type { Node } from '../node/node';

/** How far a slave has replayed, and whether it has reached `target`. */
export async function replayed(slave: Node, target: Lsn, deadline: Deadline): Promise<Replay> {
  const [row] = await slave.sql<Replay>(
    `SELECT coalesce(lsn::text, '0/0') AS lsn, coalesce(lsn >= $1::pg_lsn, false) AS reached,
            coalesce(pg_last_wal_receive_lsn() >= $1::pg_lsn, false) AS received,
            recovering AS "isSlave",
            CASE WHEN recovering THEN pg_is_wal_replay_paused() ELSE false END AS "isPaused",
            current_setting('recovery_min_apply_delay') AS delay,
            EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') AS receives
       FROM pg_last_wal_replay_lsn() AS lsn, pg_is_in_recovery() AS recovering`,
    [target],
    deadline,
  );
  if (!row) throw new Error('the server told nothing of its replay');
  slave.hasReplayed(row.lsn);
  return row;
}

/** How far a slave has replayed, and what may keep it from going on. */
export interface Replay {
  readonly lsn: Lsn;
  readonly reached: boolean;
  readonly received: boolean;
  readonly isSlave: boolean;
  /** By `pauseReplay`. */
  readonly isPaused: boolean;
  /** recovery_min_apply_delay, with its unit. */
  readonly delay: string;
  /** Whether WAL reaches it just now. */
  readonly receives: boolean;
}

/** What keeps a slave from replaying what it has; empty if nothing is known to. */
export function heldBackBy({ isPaused, delay }: Replay): string {
  if (isPaused) return 'its replay is paused, which resumeReplay() ends';
  return delay === '0' ? '' : `its replay is delayed by ${delay}`;
}
