import { Deadline, type Observation, poll } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import type { Lsn } from '../../postgres/wal/lsn';
import type { Node } from '../node/node';
import { heldBackBy, type Replay, replayed } from './replay';
import { walSenders } from './wal-senders';

/**
 * Waits until each of `slaves` has replayed all that the master has written so far.
 * @throws `ERR_PG_CLUSTER_STATE` at once for one that has ended, or is not a slave of this master
 */
export async function untilReplayed(
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
    // It has a little time of its own, so that even the last look can say what it saw.
    replay = await replayed(slave, target, deadline.atMost(1000).atLeast(500));
  } catch (error) {
    const grace = Deadline.in(500);
    const [seen, senders] = await Promise.all([
      slave.observe(grace).catch((reason) => ({ state: '?', detail: messageOf(reason) })),
      walSenders(master, grace).catch(() => []),
    ]);
    if (seen.state === 'stopped' || seen.state === 'gone') throw hasEnded(slave, seen.detail);
    // The master knows nothing of a slave that has replayed nothing since it connected.
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

/**
 * A position after all that the master has done so far, even after commits that did not wait
 * (`synchronous_commit = off`): the commit of a transaction that has written WAL flushes everything
 * before it (RecordTransactionCommit).
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

/**
 * Makes a slave start from what it has replayed by now when it is started again. This comes before
 * its replay is delayed: otherwise a restart would hold back again what it has replayed already,
 * the passwords of a young cluster among it, and nobody could log in.
 */
export async function makeRestartpoint(
  master: Node,
  slave: Node,
  deadline: Deadline,
): Promise<void> {
  await master.sql('CHECKPOINT', [], deadline);
  await untilReplayed(master, [slave], deadline);
  await slave.sql('CHECKPOINT', [], deadline);
}
