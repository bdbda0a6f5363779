import { Deadline, type Observation, poll } from '../../base/deadline';
import { wholeNumber } from '../../base/value-rules';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { makeRestartpoint } from '../replication/catch-up';
import { awaken, requireRecovery, requireSlave } from './preconditions';
import { changeSetting } from './setting-fault';

export const replayPaused = 'replay paused';
export const replayDelayed = 'replay delayed';

const replayMs = 10_000;
const restartpointMs = 1000;
/** recovery_min_apply_delay is a 32-bit integer of milliseconds. */
const maxDelayMs = 2_147_483_647;
export const replayDelay = wholeNumber(0, maxDelayMs);

/** Stops a slave's replay: it still receives, but what it shows grows stale. */
export function pauseReplay(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('pause replay', node, async () => {
    const deadline = Deadline.in(replayMs);
    requireSlave(cluster, node, 'pause its replay', 'pause that of a slave');
    await node.requireRunning('pause its replay', deadline);
    await requireRecovery(cluster, node, 'pause its replay', deadline);
    if (await isReplayPaused(node, deadline)) return false;
    cluster.faults.add({
      node: node.name,
      kind: replayPaused,
      undo: async (healDeadline) => {
        await node.inTurn(async () => {
          if (await awaken(cluster, node, healDeadline)) await resume(node, healDeadline);
        });
      },
      again: () => pauseReplay(cluster, node),
    });
    await node.sql('SELECT pg_wal_replay_pause()', [], deadline);
    await poll({
      deadline,
      what: `${node.name} to stop replaying`,
      intervalMs: 3,
      look: () => lookForStop(node, deadline),
    });
    return true;
  });
}

/** Lets a slave replay again. */
export function resumeReplay(cluster: Cluster, node: Node): Promise<void> {
  return cluster.act('resume replay', node, async () => {
    const deadline = Deadline.in(replayMs);
    requireSlave(cluster, node, 'resume its replay', 'there is nothing to resume');
    await node.requireRunning('resume its replay', deadline);
    await requireRecovery(cluster, node, 'resume its replay', deadline);
    const changed = await resume(node, deadline);
    cluster.faults.remove(node.name, replayPaused);
    return changed;
  });
}

/** Lets a slave replay each commit `ms` after it was made on the master; 0 ends that. */
export function delayReplay(cluster: Cluster, node: Node, ms: number): Promise<void> {
  return cluster.act(`delay replay by ${ms} ms`, node, async () => {
    const deadline = Deadline.in(replayMs);
    requireSlave(cluster, node, 'delay its replay', 'delay that of a slave');
    await node.requireRunning('delay its replay', deadline);
    await requireRecovery(cluster, node, 'delay its replay', deadline);
    // It fails if the master does not answer or replay is held back anyway; then we do without.
    await makeRestartpoint(cluster.master, node, deadline.atMost(restartpointMs)).catch(() => {});
    return changeSetting(cluster, node, {
      name: 'recovery_min_apply_delay',
      unset: '0ms',
      value: `${ms}ms`,
      kind: replayDelayed,
      again: () => delayReplay(cluster, node, ms),
      deadline,
    });
  });
}

/** Waits after which a startup process looks for a request to pause before it applies a record. */
const idle = ['RecoveryPause', 'RecoveryWalStream', 'RecoveryRetrieveRetryInterval'];

/**
 * A request to pause takes effect before the next record. PostgreSQL 14 and later say when. Version
 * 13 calls replay paused from the request on, but its waits tell: once it is seen in one of these
 * after the request, it applies nothing more. While replay waits for a commit to be old enough
 * (recovery_min_apply_delay), no version confirms the pause, and none applies the commit
 * afterwards.
 */
async function lookForStop(node: Node, deadline: Deadline): Promise<Observation<undefined>> {
  const [row] = await node.sql<{ version: number; waitsFor: string | null }>(
    `SELECT current_setting('server_version_num')::int AS version, wait_event AS "waitsFor"
       FROM pg_stat_activity WHERE backend_type = 'startup'`,
    [],
    deadline,
  );
  const waitsFor = row?.waitsFor ?? 'nothing';
  if (waitsFor === 'RecoveryApplyDelay') return { done: undefined };
  if (row && row.version < 140_000) {
    return idle.includes(waitsFor) ? { done: undefined } : { seen: `it waits for ${waitsFor}` };
  }
  const [pause] = await node.sql<{ state: string }>(
    'SELECT pg_get_wal_replay_pause_state() AS state',
    [],
    deadline,
  );
  return pause?.state === 'paused'
    ? { done: undefined }
    : { seen: `${pause?.state}, and it waits for ${waitsFor}` };
}

async function resume(node: Node, deadline: Deadline): Promise<boolean> {
  if (!(await isReplayPaused(node, deadline))) return false;
  await node.sql('SELECT pg_wal_replay_resume()', [], deadline);
  await poll({
    deadline,
    what: `${node.name} to replay again`,
    intervalMs: 3,
    look: async () =>
      (await isReplayPaused(node, deadline)) ? { seen: 'it is paused' } : { done: undefined },
  });
  return true;
}

/** Whether a pause was asked for. A restart or a promotion ends it. */
export async function isReplayPaused(node: Node, deadline: Deadline): Promise<boolean> {
  const [row] = await node.sql<{ paused: boolean }>(
    `SELECT CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END AS paused`,
    [],
    deadline,
  );
  return row?.paused ?? false;
}
