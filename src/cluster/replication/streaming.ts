import { Deadline, type Observation, poll } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import type { Lsn } from '../../postgres/lsn';
import type { Node } from '../node';

/** What an upstream, master or slave, says of one slave (pg_stat_replication). */
export interface WalSender {
  readonly slave: string;
  readonly state: string;
  readonly syncState: 'async' | 'potential' | 'sync' | 'quorum';
  readonly replayedLsn: Lsn | null;
  readonly lagBytes: number | null;
  /** Whether it has flushed all up to the position that was asked about. */
  readonly hasReceived: boolean;
}

/**
 * Slaves give their cluster_name, which is the node's name, as application_name.
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

/** How far the master has written. */
async function writtenLsn(master: Node, deadline: Deadline): Promise<Lsn> {
  const [row] = await master.sql<{ lsn: Lsn }>(
    'SELECT pg_current_wal_lsn()::text AS lsn',
    [],
    deadline,
  );
  return row?.lsn ?? '0/0';
}

/**
 * A position after all that the master has done so far, also after commits that were not waited
 * for (`synchronous_commit = off`): committing a transaction that has written WAL flushes all that
 * is before it (RecordTransactionCommit).
 */
async function flushedLsn(master: Node, deadline: Deadline): Promise<Lsn> {
  const [row] = await master.sql<{ lsn: Lsn }>(
    `BEGIN;
     SELECT pg_logical_emit_message(true, 'jest-environment-pg-cluster', 'waitForCatchup');
     COMMIT;
     SELECT pg_current_wal_flush_lsn()::text AS lsn`,
    [],
    deadline,
  );
  return row?.lsn ?? '0/0';
}

/** How far a slave has come, in view of `target`. */
async function replayed(slave: Node, target: Lsn, deadline: Deadline): Promise<Replay> {
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
  slave.lastReplayedLsn = row.lsn;
  return row;
}

/** How far a slave has come, and why it may not go on. */
interface Replay {
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
function heldBackBy({ isPaused, delay }: Replay): string {
  if (isPaused) return 'its replay is paused, which resumeReplay() ends';
  return delay === '0' ? '' : `its replay is delayed by ${delay}`;
}

/** Who streams from whom. */
export interface Following {
  readonly slave: Node;
  readonly upstream: Node;
}

/**
 * Waits until the cluster is whole: the master answers, every slave streams from its upstream and
 * has replayed past a position that the master had written before, and as many slaves as asked
 * confirm commits. A slave that replays late on purpose has to have received that position.
 */
export async function waitUntilStreaming(o: {
  master: Node;
  following: readonly Following[];
  synchronous: number;
  deadline: Deadline;
}): Promise<void> {
  const { master, following, deadline } = o;
  const target = await writtenLsn(master, deadline.atMost(5000));
  const who = following.map(({ slave, upstream }) => `${slave.name} from ${upstream.name}`);
  await poll({
    deadline,
    what: `slaves to stream (${who.join(', ')}) and replay ${target} of ${master.name}`,
    intervalMs: 5,
    look: () => lookAtStreaming({ ...o, target }),
  });
}

async function lookAtStreaming(o: {
  master: Node;
  following: readonly Following[];
  synchronous: number;
  deadline: Deadline;
  target: Lsn;
}): Promise<Observation<undefined>> {
  const soon = o.deadline.atMost(2000);
  const upstreams = [...new Set([o.master, ...o.following.map(({ upstream }) => upstream)])];
  const senders = new Map(
    await Promise.all(
      upstreams.map(
        async (node) =>
          [node, await walSenders(node, soon).catch((error: unknown) => messageOf(error))] as const,
      ),
    ),
  );
  const behind = await Promise.all(
    o.following.map(async ({ slave, upstream }) => {
      const rows = senders.get(upstream) ?? [];
      if (typeof rows === 'string') return `${upstream.name}: ${rows}`;
      const sender = rows.find((row) => row.slave === slave.name);
      if (sender?.state !== 'streaming') {
        return `${slave.name} is ${sender ? `in state ${sender.state}` : `not connected to ${upstream.name}`}`;
      }
      try {
        const replay = await replayed(slave, o.target, soon);
        const { lsn, reached, received, receives } = replay;
        // An upstream takes one that it has lost to stream until it finds out.
        if (!receives) return `${slave.name} does not receive`;
        const isLate = heldBackBy(replay) !== '';
        return reached || (isLate && received) ? '' : `${slave.name} has replayed ${lsn}`;
      } catch (error) {
        return `${slave.name}: ${messageOf(error)}`;
      }
    }),
  );
  const missing = behind.filter((text) => text !== '');
  const atMaster = senders.get(o.master) ?? [];
  if (typeof atMaster === 'string') missing.unshift(`${o.master.name}: ${atMaster}`);
  if (missing.length > 0 || typeof atMaster === 'string') return { seen: missing.join('; ') };

  const confirming = atMaster.filter((row) => /^(sync|quorum)$/.test(row.syncState)).length;
  return confirming >= o.synchronous
    ? { done: undefined }
    : { seen: `${confirming} of ${o.synchronous} synchronous slaves confirm commits` };
}

/**
 * Waits until each of `slaves` has replayed all that the master has written so far.
 * @throws `ERR_PG_CLUSTER_STATE` at once for one that has ended, or is none of the master's
 */
export async function waitForCatchup(
  master: Node,
  slaves: readonly Node[],
  deadline: Deadline,
): Promise<void> {
  const target = await flushedLsn(master, deadline);
  await Promise.all(
    slaves.map((slave) =>
      poll({
        deadline,
        what: `${slave.name} to replay ${target}, which ${master.name} has written`,
        intervalMs: 3,
        look: () => lookAtReplay(master, slave, target, deadline),
      }),
    ),
  );
}

async function lookAtReplay(
  master: Node,
  slave: Node,
  target: Lsn,
  deadline: Deadline,
): Promise<Observation<undefined>> {
  let replay: Replay;
  try {
    // With a little time of its own, so that the last look, too, can say what it saw.
    replay = await replayed(slave, target, deadline.atMost(1000).atLeast(500));
  } catch (error) {
    const grace = Deadline.in(500);
    const [seen, senders] = await Promise.all([
      slave.observe(grace).catch((reason) => ({ state: '?', detail: messageOf(reason) })),
      walSenders(master, grace).catch(() => []),
    ]);
    if (seen.state === 'stopped' || seen.state === 'gone') throw hasEnded(slave, seen.detail);
    // A master knows null of a slave that has replayed nothing since it connected.
    const reported = senders.find((row) => row.slave === slave.name)?.replayedLsn;
    const why = seen.state === 'running' ? messageOf(error) : seen.detail;
    return { seen: `${why}; it had replayed ${reported ?? slave.lastReplayedLsn}` };
  }
  if (!replay.isSlave) throw notASlave(master, slave);
  if (replay.reached) return { done: undefined };
  const why = heldBackBy(replay) || (replay.receives ? '' : 'it receives nothing');
  return { seen: `${slave.name} has replayed ${replay.lsn}${why && `; ${why}`}` };
}

function hasEnded(slave: Node, detail: string): PgClusterError {
  const remedy = slave.isStandby ? 'start()' : 'pgCluster.rejoin()';
  return new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${slave.name} cannot catch up: ${detail}; ${remedy} brings it back, and waitForCatchup({ node }) waits for one slave alone`,
  );
}

function notASlave(master: Node, slave: Node): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${slave.name} cannot catch up: it runs as a master of its own, beside ${master.name}; pgCluster.rejoin() makes it a slave`,
  );
}
