import { PgClusterError } from '../../base/errors';
import { logEntries, textOf } from '../../postgres/server-log';
import type { Node } from '../node';

/** How far back a reason counts: a server that is tried again and again gives it each time. */
const recentMs = 1500;

const putBack = 'undo that, or start anew by pgCluster.reset() or restore()';

/** What servers log that will not come up, or not stream, however often that is tried. */
const reasons: readonly { readonly said: RegExp; readonly remedy: string }[] = [
  {
    said: /No space left on device/,
    remedy: `its disk is full: give it room (diskLimitMb, if that bounds it), or ${putBack}`,
  },
  {
    said: /is a lower setting than on the (primary|master)|Hot standby mode is disabled|WAL (was )?generated with "?wal_level=minimal/,
    remedy: `a setting was changed that a slave must not have so: ${putBack}`,
  },
  {
    said: /configuration file .* contains errors|could not load library|could not access file "|invalid value for parameter/,
    remedy: `a setting was changed to what no server starts with: ${putBack}`,
  },
  {
    said: /requested standby connections exceeds "?max_wal_senders/,
    remedy: `the master lets too few slaves in: ${putBack}`,
  },
  {
    said: /(password authentication failed for user|role) "?pgcluster_|must be superuser or replication role to start walsender|no pg_hba\.conf entry for replication/,
    remedy: `slaves may not log in any more, since a role or pg_hba.conf was changed: ${putBack}`,
  },
];

/** The newest thing in a log after which there is no use in waiting; undefined if there is none. */
export function hopelessReason(
  log: string,
): { readonly said: string; readonly remedy: string } | undefined {
  for (const entry of logEntries(log.trimEnd()).reverse()) {
    const said = textOf(entry);
    const reason = reasons.find((candidate) => candidate.said.test(said));
    // An ERROR is a client's.
    if (reason && /(FATAL|PANIC|WARNING|DETAIL): /.test(said)) {
      return { said: said.replace(/\s+/g, ' ').trim(), remedy: reason.remedy };
    }
  }
  return undefined;
}

/** @throws `ERR_PG_CLUSTER_HEAL` if one of these nodes has just said why it cannot be as it should */
export async function refuseHopeless(nodes: readonly Node[]): Promise<void> {
  const since = Date.now() - recentMs;
  await Promise.all(
    nodes.map(async (node) => {
      const log = await node.logs(since).catch(() => '');
      const reason = hopelessReason(log);
      if (!reason) return;
      throw new PgClusterError(
        'ERR_PG_CLUSTER_HEAL',
        `${node.name} cannot be as it should: ${reason.said}. That will not pass by itself: ${reason.remedy}`,
      );
    }),
  );
}
