import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import { terminalTraits } from '../base/terminal-traits';
import type { Cluster } from '../cluster/cluster';
import type { Node } from '../cluster/node/node';
import { formatTimeline, timeOfDay } from '../cluster/timeline';
import type { Recorder } from '../report/recording/recorder';
import { linesOf } from '../report/recording/server-logs';
import { drawInTerminal } from '../report/terminal/draw-in-terminal';
import { type TellingLine, tellingLines } from '../report/terminal/telling-lines';
import { section } from './print-section';

/** What precedes each line. */
const indentColumns = 4;

/**
 * Prints what happened to the cluster during a test that failed: a picture, the acts, and the lines of
 * the nodes' logs that say something.
 *
 * @param since where the test's span begins, in milliseconds since the epoch
 */
export async function printFailure(
  { cluster, recorder }: { cluster: Cluster; recorder: Recorder },
  test: string,
  since: number,
): Promise<void> {
  const until = Date.now();
  const logs = await Promise.all(cluster.nodes.map((node) => logOf(cluster, node, since)));
  const { columns, ...traits } = terminalTraits();
  const picture = drawInTerminal(recorder.recent, {
    ...traits,
    columns: columns - indentColumns,
    from: recorder.momentOf(since),
    until: recorder.momentOf(until),
  });
  say(
    [
      `“${test}” failed; the cluster from ${timeOfDay(since)} to ${timeOfDay(until)} UTC`,
      section('picture', picture),
      section('timeline', formatTimeline(cluster.timeline.events, since)),
      ...logs,
    ].join('\n'),
  );
}

async function logOf(cluster: Cluster, node: Node, since: number): Promise<string> {
  const title = `log of ${node.name} (${cluster.roleOf(node)})`;
  try {
    const { told, leftOut } = tellingLines(linesOf(await node.logs(since), (at) => at, true));
    const lines = told.map(inOneOrMore);
    const rest = leftOut === 1 ? 'Another line is' : `${leftOut} other lines are`;
    if (leftOut > 0) lines.push(`(${rest} left out; logs: 'always' prints all.)`);
    return section(title, lines.join('\n'));
  } catch (error) {
    return section(title, messageOf(error));
  }
}

function inOneOrMore({ at, severity, text, times }: TellingLine): string {
  const [first, ...further] = text.split('\n');
  const often = times > 1 ? ` (${times} times)` : '';
  // Users may set a prefix without time.
  const time = at === 0 ? '' : `${timeOfDay(at)}  `;
  return [`${time}${severity}:  ${first}${often}`, ...further].join(`\n${' '.repeat(time.length)}`);
}
