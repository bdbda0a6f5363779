import type { Deadline } from '../../base/deadline';
import type { Lsn } from '../../postgres/wal/lsn';
import type { Node } from '../node/node';

/** What an upstream, master or slave, says of one slave (pg_stat_replication). */
export interface WalSender {
  readonly slave: string;
  readonly state: string;
  readonly syncState: 'async' | 'potential' | 'sync' | 'quorum';
  readonly replayedLsn: Lsn | null;
  readonly lagBytes: number | null;
  /** Whether it has flushed everything up to the position that was asked about. */
  readonly hasReceived: boolean;
}

/**
 * A slave's application_name is its cluster_name, the node's name.
 *
 * @param upTo a position to compare with, by default the first
 */
export function walSenders(
  master: Node,
  deadline: Deadline,
  upTo: Lsn = '0/0',
): Promise<WalSender[]> {
  return master.sql<WalSender>(
    `SELECT application_name AS slave, state, sync_state AS "syncState",
            replay_lsn::text AS "replayedLsn",
            coalesce(flush_lsn >= $1::pg_lsn, false) AS "hasReceived",
            pg_wal_lsn_diff(
              CASE WHEN pg_is_in_recovery()
                THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
              replay_lsn)::float8 AS "lagBytes"
       FROM pg_stat_replication`,
    [upTo],
    deadline,
  );
}
