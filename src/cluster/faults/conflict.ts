import { Deadline, poll } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import { adminRole } from '../node/database-roles';
import type { Node } from '../node/node';
import { untilReplayed } from '../replication/catch-up';
import { holdersOf, hurryFeedback } from '../replication/horizon';
import { heldBackBy, replayed } from '../replication/replay';
import { requireRecovery, requireSlave } from './preconditions';
import { changeSetting, endSetting } from './setting-fault';

const conflictMs = 15_000;
/** How long somebody may keep the master from removing old row versions. */
const removalMs = 4_000;
const settingMs = 10_000;

const what = 'have a recovery conflict';

/** What makes a slave cancel queries at once, and keeps it from preventing the conflict. */
const settings = [
  {
    name: 'max_standby_streaming_delay',
    unset: '30s',
    value: '0',
    kind: 'set to cancel conflicting queries at once',
  },
  {
    name: 'hot_standby_feedback',
    unset: 'off',
    value: 'off',
    kind: 'kept from telling what its queries may need',
  },
] as const;

/**
 * Cancels what clients run on a slave, as replay does when the master has removed row versions that
 * their snapshots may need. Resolves to how many clients had such a snapshot.
 */
export async function conflict(cluster: Cluster, node: Node): Promise<number> {
  let hit = 0;
  await cluster.act('conflict', node, async (tell) => {
    const deadline = Deadline.in(conflictMs);
    requireSlave(cluster, node, what, 'call it on a slave');
    await node.requireRunning(what, deadline);
    await requireRecovery(cluster, node, what, deadline);
    await requirePath(cluster, node, deadline);
    await requireReplaying(node, deadline);
    let failure: unknown;
    try {
      for (const setting of settings) await changeSetting(cluster, node, { ...setting, deadline });
      hit = await removeUnderneath(cluster, node, deadline);
    } catch (error) {
      failure = error;
    }
    // If the slave does not take them back, they stay in the book, and heal sees to it.
    for (const { kind } of settings) {
      await endSetting(cluster, node, kind, Deadline.in(settingMs)).catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure !== undefined) throw failure;
    tell({ detail: `${hit} sessions had a snapshot` });
    return true;
  });
  return hit;
}

/** The WAL of the master has to reach the slave. */
async function requirePath(cluster: Cluster, node: Node, deadline: Deadline): Promise<void> {
  const { master } = cluster;
  for (let at = node; ; at = cluster.upstreamOf(at)) {
    if (at !== node) await at.requireRunning(`send ${node.name} what it conflicts with`, deadline);
    if (at.cutFrom === 'cluster' || at.cutFrom === 'all') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${node.name} cannot ${what}: ${at === node ? 'it' : at.name} is disconnected from the cluster; reconnect() it first`,
      );
    }
    if (at === master) return;
    await requireRecovery(cluster, at, `pass on the WAL of ${master.name}`, deadline);
  }
}

async function requireReplaying(node: Node, deadline: Deadline): Promise<void> {
  const replay = await replayed(node, '0/0', deadline);
  const why = heldBackBy(replay);
  if (why === '') return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot ${what}: ${why}; ${replay.isPaused ? 'resumeReplay()' : 'delayReplay(0)'} first`,
  );
}

/**
 * Makes an old version of a row on the master and has it removed while clients of the slave may
 * still see it. The row is one of a catalog that all databases share, so that clients of every
 * database are in the way; and it says of our own role what it has said before, so that nothing is
 * left.
 */
async function removeUnderneath(cluster: Cluster, node: Node, deadline: Deadline): Promise<number> {
  const { master } = cluster;
  await master.sql(`ALTER ROLE ${adminRole} SUPERUSER`, [], deadline);
  const [row] = await master.sql<{ xid: string }>(
    'SELECT xmin::text AS xid FROM pg_authid WHERE rolname = $1',
    [adminRole],
    deadline,
  );
  const xid = row?.xid ?? '0';
  // From then on no client gets a snapshot that may need the old version.
  await untilReplayed(master, [node], deadline);
  return poll({
    deadline: deadline.atMost(removalMs),
    what: `${master.name} to remove an old row version that clients of ${node.name} may see`,
    intervalMs: 20,
    look: async () => {
      const holders = await holdersOf(master, xid, deadline);
      if (holders.length > 0) {
        await hurryFeedback(cluster.slaves, holders, deadline);
        const names = holders.map(({ description }) => description).join(', ');
        return { seen: `${names} may need it as well; end that first` };
      }
      const inTheWay = await sessionsThatSee(node, xid, deadline);
      // One row was changed, so there is nothing to truncate, which would need a lock.
      await master.sql('VACUUM (TRUNCATE false) pg_authid', [], deadline);
      await untilReplayed(master, [node], deadline);
      // VACUUM leaves out a page that somebody is reading just then.
      const left = await sessionsThatSee(node, xid, deadline);
      return left.length === 0
        ? { done: inTheWay.length }
        : { seen: `VACUUM has left it, and ${left.length} sessions go on` };
    },
  });
}

/** Clients of the slave whose snapshot is older than that transaction. */
function sessionsThatSee(node: Node, xid: string, deadline: Deadline): Promise<unknown[]> {
  return node.sql(
    `SELECT pid FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND age(backend_xmin) >= age($1::xid)`,
    [xid],
    deadline,
  );
}
