import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from '../base/deadline';
import { messageOf } from '../base/errors';
import { enterPressed } from '../base/machine/enter-key';
import { withLock } from '../base/machine/lock';
import { currentRun } from '../base/machine/run-marks';
import { progressTo, say } from '../base/progress';
import type { Cluster } from '../cluster/cluster';
import { status } from '../cluster/replication/status';
import { urlOfNodes } from '../cluster/ways-in';
import { handleOf } from '../handle/cluster-handle';
import { HeldCluster } from '../prompt/held-cluster';
import { statusTable } from '../prompt/status-table';

/** Nobody comes back to it after that. */
const keepMs = 3_600_000;
const turnMs = 24 * 3_600_000;

/**
 * Leaves the cluster of a failed test as it is, and tells how to go in, until somebody ends it: by
 * Enter, by `pg-cluster down`, by the next run in this folder, or an hour later.
 */
export async function keepFailed(
  cluster: Cluster,
  test: string,
  folder: string,
  longestMs = keepMs,
): Promise<void> {
  const run = currentRun();
  // There is one Enter key, so one cluster of a run at a time.
  await withLock(`keep-${run}`, Deadline.in(turnMs), progressTo(), async () => {
    const held = await HeldCluster.open(cluster, { what: `“${test}”`, folder, run });
    const over = new AbortController();
    try {
      say(await howToGoIn(held, test));
      await Promise.race([
        enterPressed(over.signal),
        held.endAsked,
        delay(longestMs, undefined, { signal: over.signal }).catch(() => {}),
      ]);
    } finally {
      over.abort();
      held.close();
    }
  });
}

async function howToGoIn({ cluster, id }: HeldCluster, test: string): Promise<string> {
  const table = await status(cluster)
    .then((now) => statusTable(now, handleOf(cluster)))
    .catch(messageOf);
  return [
    `“${test}” failed; its cluster is left as it is`,
    ...table.split('\n').map((line) => `  ${line}`),
    `  psql '${urlOfNodes(cluster, [cluster.master])}'`,
    `  npx pg-cluster up --attach ${id}   gives a prompt on it`,
    `  Enter, npx pg-cluster down ${id}, the next run here, or an hour from now ends it.`,
  ].join('\n');
}
