import { Deadline } from '../../base/deadline';
import { wholeNumber } from '../../base/value-rules';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { makeRestartpoint } from '../replication/catch-up';
import {
  isReplayPaused,
  letReplay,
  replayDelayed,
  replayPaused,
  stopReplay,
} from '../replication/replay-pause';
import { awaken, requireRecovery, requireSlave } from './preconditions';
import { changeSetting } from './setting-fault';

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
    // What stands still because of `staleReads` is the test's own from now on.
    if (!node.standsStill && (await isReplayPaused(node, deadline))) return false;
    cluster.stillness.takeOver(node);
    node.movesOn();
    cluster.faults.add({
      node: node.name,
      kind: replayPaused,
      undo: async (healDeadline) => {
        await node.inTurn(async () => {
          if (await awaken(cluster, node, healDeadline)) await letReplay(node, healDeadline);
        });
      },
      again: () => pauseReplay(cluster, node),
    });
    await stopReplay(node, deadline);
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
    cluster.stillness.takeOver(node);
    const changed = await letReplay(node, deadline);
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
    cluster.stillness.takeOver(node);
    if (node.standsStill) await letReplay(node, deadline);
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
