import { beat, formatMs } from '../base/deadline';
import type { Cluster } from '../cluster/cluster';
import { type ClusterStatus, type NodeStatus, status } from '../cluster/replication/status';
import type { ClusterEvent } from '../cluster/timeline';
import { seesStreams } from './status-table';

/** How often the cluster is looked at. What happens behind our back is seen in no other way. */
const lookMs = 700;

/** Tells, a line each, what is done to a cluster and what becomes of its nodes, until `signal`. */
export async function tellChanges(
  cluster: Cluster,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  let told = cluster.timeline.events.filter(isOver).length;
  let before: ClusterStatus | undefined;
  while (!signal.aborted) {
    const now = await status(cluster).catch(() => undefined);
    if (signal.aborted) return;
    const over = cluster.timeline.events.filter(isOver);
    for (const event of over.slice(told)) tell(inWords(event));
    told = over.length;
    if (before && now) for (const line of changesBetween(before, now)) tell(line);
    before = now ?? before;
    await beat(lookMs, signal);
  }
}

function isOver({ endedAt, outcome }: ClusterEvent): boolean {
  return endedAt !== undefined && outcome !== 'unchanged';
}

function inWords({
  act,
  node,
  startedAt,
  endedAt = startedAt,
  outcome,
  detail,
}: ClusterEvent): string {
  const whose = node === undefined ? '' : `${node}: `;
  const end = outcome === 'done' ? '' : `, ${outcome}`;
  return `${whose}${act}${end} (${formatMs(endedAt - startedAt)})${detail === undefined ? '' : `: ${detail}`}`;
}

/** What can be told of two looks at a cluster, one after the other. */
export function changesBetween(before: ClusterStatus, now: ClusterStatus): string[] {
  const former = new Map(before.nodes.map((node) => [node.name, node]));
  const isSeen = seesStreams(before) && seesStreams(now);
  const names = new Set(now.nodes.map(({ name }) => name));
  return [
    ...before.nodes.filter(({ name }) => !names.has(name)).map(({ name }) => `${name} is gone`),
    ...now.nodes.flatMap((node) => {
      const then = former.get(node.name);
      return then
        ? changesOf(then, node, isSeen)
        : [`${node.name} is there: a ${node.role}, ${node.state}`];
    }),
  ];
}

function changesOf(then: NodeStatus, now: NodeStatus, isSeen: boolean): string[] {
  const lines: string[] = [];
  if (then.role !== now.role) lines.push(`is ${now.role} now`);
  if (then.state !== now.state) lines.push(`is ${now.state} now`);
  else if (then.answers !== now.answers && now.state === 'running') {
    lines.push(
      now.answers ? 'answers again' : `does not answer: ${now.problem ?? 'no reason known'}`,
    );
  }
  if (
    isSeen &&
    then.streaming !== now.streaming &&
    now.state === 'running' &&
    now.role === 'slave'
  ) {
    lines.push(now.streaming ? 'streams' : 'does not stream any more');
  }
  return lines.map((line) => `${now.name} ${line}`);
}
