import { type Deadline, type Observation, poll } from '../../base/deadline';
import type { Node } from '../node/node';

/** Kinds of faults. */
export const replayPaused = 'replay paused';
export const replayDelayed = 'replay delayed';

/** Stops a slave's replay; resolves once it applies nothing more. */
export async function stopReplay(node: Node, deadline: Deadline): Promise<void> {
  await node.sql('SELECT pg_wal_replay_pause()', [], deadline);
  await poll({
    deadline,
    what: `${node.name} to stop replaying`,
    intervalMs: 3,
    look: () => lookForStop(node, deadline),
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

/** Lets a slave replay again; resolves to false if it did. */
export async function letReplay(node: Node, deadline: Deadline): Promise<boolean> {
  if (!(await isReplayPaused(node, deadline))) {
    node.movesOn();
    return false;
  }
  await node.sql('SELECT pg_wal_replay_resume()', [], deadline);
  await poll({
    deadline,
    what: `${node.name} to replay again`,
    intervalMs: 3,
    look: async () =>
      (await isReplayPaused(node, deadline)) ? { seen: 'it is paused' } : { done: undefined },
  });
  node.movesOn();
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
