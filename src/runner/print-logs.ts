import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import type { Cluster } from '../cluster/cluster';
import { formatTimeline, timeOfDay } from '../cluster/timeline';
import { section } from './print-section';

/**
 * Prints what has been done to the cluster since a time (milliseconds since the epoch), and what
 * its nodes have logged since then.
 */
export async function printLogs(cluster: Cluster, headline: string, since: number): Promise<void> {
  const logs = await Promise.all(
    cluster.nodes.map(async (node) => {
      const log = await node.logs(since).catch((error: unknown) => messageOf(error));
      return section(`log of ${node.name} (${cluster.roleOf(node)})`, log);
    }),
  );
  const timeline = formatTimeline(cluster.timeline.events, since);
  say(
    [
      `${headline}; the cluster from ${timeOfDay(since)} to ${timeOfDay(Date.now())} UTC`,
      section('timeline', timeline),
      ...logs,
    ].join('\n'),
  );
}
