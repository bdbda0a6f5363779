import type { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import { atLimit } from '../../engine/engine-errors';
import { logEntries, textOf } from '../../postgres/server-log';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';

/** How far back a reason counts: a server that is started again and again logs it each time. */
const recentMs = 1500;

const startAnew = 'undo that, or start anew by pgCluster.reset() or restore()';

/** What servers log that will never come up, or never stream. */
const reasons: readonly { readonly said: RegExp; readonly remedy: string }[] = [
  {
    said: /No space left on device/,
    remedy: `its disk is full: give it room (diskLimitMb, if that bounds it), or ${startAnew}`,
  },
  {
    said: /is a lower setting than on the (primary|master)|Hot standby mode is disabled|WAL (was )?generated with "?wal_level=minimal/,
    remedy: `a setting was changed that a slave must not have so: ${startAnew}`,
  },
  {
    said: /configuration file .* contains errors|could not load library|could not access file "|invalid value for parameter/,
    remedy: `a setting was changed to what no server starts with: ${startAnew}`,
  },
  {
    said: /requested standby connections exceeds "?max_wal_senders/,
    remedy: `the master lets too few slaves in: ${startAnew}`,
  },
  {
    said: /(password authentication failed for user|role) "?pgcluster_|must be superuser or replication role to start walsender|no pg_hba\.conf entry for replication/,
    remedy: `slaves may not log in any more, since a role or pg_hba.conf was changed: ${startAnew}`,
  },
];

/** The newest entry of a log after which waiting is of no use; undefined if there is none. */
export function unhealableReason(
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

/** @throws `ERR_PG_CLUSTER_HEAL` if one of these nodes has just logged why it cannot be healed */
export async function refuseUnhealable(nodes: readonly Node[]): Promise<void> {
  const since = Date.now() - recentMs;
  await Promise.all(
    nodes.map(async (node) => {
      const log = await node.logs(since).catch(() => '');
      const reason = unhealableReason(log);
      if (!reason) return;
      throw new PgClusterError(
        'ERR_PG_CLUSTER_HEAL',
        `${node.name} cannot be healed: ${reason.said}. That will not pass by itself: ${reason.remedy}`,
      );
    }),
  );
}

/** Why a node was ended, if its data took more than they may. */
export async function limitReached(
  { nodes }: Cluster,
  deadline: Deadline,
): Promise<PgClusterError | undefined> {
  const seen = await Promise.all(nodes.map((node) => node.observe(deadline)));
  const [first] = nodes.flatMap(({ name }, index) => {
    const why = seen[index]?.atLimit;
    return why === undefined ? [] : [atLimit(name, why)];
  });
  return first;
}
