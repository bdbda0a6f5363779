import type { Deadline } from '../../base/deadline';
import type { Node } from '../node/node';
import { changeSettings } from '../settings/alter-system';

/** Who keeps a master from removing row versions. */
export interface Holder {
  /** `client backend 4711 ("app", idle in transaction)` */
  readonly description: string;
  /** The slave whose feedback it passes on, if it is one. */
  readonly slave: string | null;
}

/**
 * Who keeps a master from removing the row versions that a transaction has made old. Once that one
 * has been committed and nobody does, nobody will later.
 */
export function holdersOf(master: Node, xid: string, deadline: Deadline): Promise<Holder[]> {
  return master.sql<Holder>(
    `SELECT backend_type || ' ' || pid || ' (' || quote_ident(application_name)
              || coalesce(', ' || state, '') || ')' AS description,
            CASE WHEN backend_type = 'walsender' THEN application_name END AS slave
       FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum)
        AND greatest(age(backend_xmin), age(backend_xid)) >= age($1::xid)
     UNION ALL
     SELECT 'the slot ' || slot_name, slot_name FROM pg_replication_slots
      WHERE greatest(age(xmin), age(catalog_xmin)) >= age($1::xid)
     UNION ALL
     SELECT 'the prepared transaction ' || quote_literal(gid), NULL FROM pg_prepared_xacts
      WHERE age(transaction) >= age($1::xid)`,
    [xid],
    deadline,
  );
}

/**
 * Makes the slaves among `holders` say anew what their queries need (hot_standby_feedback). They do
 * so by themselves every ten seconds (wal_receiver_status_interval).
 */
export async function hurryFeedback(
  slaves: readonly Node[],
  holders: readonly Holder[],
  deadline: Deadline,
): Promise<void> {
  const talking = slaves.filter(
    ({ name, state }) => state === 'running' && holders.some(({ slave }) => slave === name),
  );
  // One that does not answer is named as a holder anyway.
  await Promise.all(
    talking.map((node) => changeSettings(node, {}, deadline.atMost(1000)).catch(() => {})),
  );
}
