import { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { untilReplayed } from './catch-up';
import { isInRecovery } from './follow';
import { letReplay, replayDelayed, replayPaused, stopReplay } from './replay-pause';

const standMs = 10_000;
/** How long slaves may take to catch up after an act that has let them replay. */
const soonMs = 3_000;
const resumeMs = 2_000;

/** Slaves catch up with the master; then their replay stands still, until `moveOn`. */
export async function standStill(cluster: Cluster): Promise<void> {
  const { during } = cluster.faults;
  await cluster.timeline.record({ act: 'stand still', during }, async (tell) => {
    const deadline = Deadline.in(standMs);
    await Promise.all(cluster.nodes.map((node) => node.observe(deadline)));
    await requireNoRemoteApply(cluster, deadline);
    // A slave may have been frozen when it should have moved on.
    await settle(cluster);
    cluster.stillness.begin();
    const able = cluster.slaves.filter((slave) => canCatchUp(cluster, slave));
    await letThrough(cluster, able, deadline);
    tell({ detail: 'staleReads: only waitForCatchup() shows slaves what is written from now on' });
  });
}

/** The replay of slaves goes on. */
export async function moveOn(cluster: Cluster): Promise<void> {
  cluster.stillness.end();
  await settle(cluster);
}

/** Lets these slaves replay what the master has written by now; then they stand still again. */
export async function letThrough(
  cluster: Cluster,
  slaves: readonly Node[],
  deadline: Deadline,
): Promise<void> {
  try {
    await whileSlavesReplay(cluster, slaves, deadline, async () => {
      if (slaves.length > 0) await untilReplayed(cluster.master, slaves, deadline);
    });
  } catch (error) {
    await settle(cluster).catch(() => {});
    throw error;
  }
  await settle(cluster);
}

/**
 * Runs `work` while these slaves replay. One whose replay is stopped cannot follow another node, nor
 * its own upstream to another timeline. Afterwards they stand still again by `settleAfterAct`.
 */
export function whileSlavesReplay<T>(
  { stillness }: Cluster,
  slaves: readonly Node[],
  deadline: Deadline,
  work: () => Promise<T>,
): Promise<T> {
  return stillness.whileReplaying(async () => {
    await stillness.inTurn(() => Promise.all(slaves.map((slave) => resume(slave, deadline))));
    return work();
  });
}

/**
 * Puts right what an act has changed: a slave that it has started, added or turned to another node
 * catches up and stands still. The act itself has succeeded or failed, whatever comes of this.
 */
export async function settleAfterAct(cluster: Cluster): Promise<void> {
  const { stillness, slaves } = cluster;
  const loose = slaves.filter((slave) => isLoose(cluster, slave));
  if (loose.length === 0) {
    if (!stillness.isWanted) await settle(cluster);
    return;
  }
  const able = loose.filter((slave) => canCatchUp(cluster, slave));
  const { during } = cluster.faults;
  await cluster.timeline
    .record({ act: 'stand still', during }, async (tell) => {
      tell({ detail: loose.map(({ name }) => name).join(', ') });
      await letThrough(cluster, able, Deadline.in(soonMs));
    })
    .catch(() => {});
}

/** Stops the replay of those that should stand still, and resumes that of those that should not. */
async function settle(cluster: Cluster): Promise<void> {
  const { stillness, slaves } = cluster;
  const deadline = Deadline.in(standMs);
  await stillness.inTurn(() =>
    Promise.all(
      slaves.map(async (slave) => {
        if (isLoose(cluster, slave)) await stop(slave, deadline);
        else if (!stillness.isWanted) await resume(slave, deadline);
      }),
    ),
  );
}

/** Whether it replays, as far as is known, and should stand still. */
function isLoose({ stillness, faults }: Cluster, slave: Node): boolean {
  const { name, state, isStandby, standsStill } = slave;
  const isInTestsHands = faults.has(name, replayPaused) || faults.has(name, replayDelayed);
  return (
    stillness.isFor(slave) && state === 'running' && isStandby && !standsStill && !isInTestsHands
  );
}

/** Whether what the master writes comes to this slave, and is replayed soon. */
function canCatchUp(cluster: Cluster, slave: Node): boolean {
  if (slave.shape.replayDelayMs > 0 || !isLoose(cluster, slave)) return false;
  for (let at = slave; ; at = cluster.upstreamOf(at)) {
    if (at.state !== 'running' || at.cutFrom !== undefined) return false;
    if (at === cluster.master) return true;
  }
}

/** A slave that has ended or cannot be reached shows nobody anything. */
async function stop(slave: Node, deadline: Deadline): Promise<void> {
  try {
    if (!(await isInRecovery(slave, deadline))) return;
    await stopReplay(slave, deadline);
    slave.stoppedReplay();
  } catch (error) {
    const { state } = await slave.observe();
    if (state !== 'running' || slave.cutFrom !== undefined) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `the replay of ${slave.name} cannot stand still, as the option staleReads asks for: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Whoever then waits for it hears why it does not replay; and each later act tries again. */
async function resume(slave: Node, deadline: Deadline): Promise<void> {
  if (!slave.standsStill || slave.state !== 'running') return;
  await letReplay(slave, deadline.atMost(resumeMs)).catch(() => {});
}

/** @throws `ERR_PG_CLUSTER_STATE` if commits wait until slaves have replayed them */
async function requireNoRemoteApply(cluster: Cluster, deadline: Deadline): Promise<void> {
  const { master } = cluster;
  if (cluster.confirming === 0 || master.state !== 'running' || master.cutFrom) return;
  const [row] = await master.sql<{ waits: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_file_settings
              WHERE name = 'synchronous_commit' AND setting = 'remote_apply' AND applied)
         OR EXISTS (SELECT FROM pg_db_role_setting
              WHERE 'synchronous_commit=remote_apply' = ANY (setconfig)) AS waits`,
    [],
    deadline,
  );
  if (!row?.waits) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `the replay of slaves cannot stand still, as the option staleReads asks for: commits on ${master.name} wait until slaves have replayed them (synchronous_commit = remote_apply), so none could ever end; set it to 'on', or leave out staleReads`,
  );
}
