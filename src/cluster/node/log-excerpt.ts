import { messageOf } from '../../base/errors';
import { logEntries, textOf } from '../../postgres/server-log';
import type { Node } from './node';

const lines = 25;

/** The last lines of a node's log, for the message of a failure. */
export async function logExcerpt(node: Node): Promise<string> {
  const text = await node.logs().catch((reason: unknown) => messageOf(reason));
  const end = worthTelling(text).slice(-lines);
  return `The end of the log of ${node.name}:\n${end.map((line) => `  | ${line}`).join('\n')}`;
}

/** What a server answers when it is asked whether it is up, which we do many times a second. */
const notYet =
  /FATAL: {2}the database system is (starting up|shutting down|in recovery mode|not (yet )?accepting connections)|DETAIL: {2}Consistent recovery state has not been yet reached/;

/**
 * The lines of a log that say something new. Otherwise a server that crashes again and again would
 * show only its last attempts, and the reason would be out of sight.
 */
export function worthTelling(log: string): string[] {
  const said = new Set<string>();
  return logEntries(log.trimEnd())
    .reverse()
    .filter((entry) => {
      const text = textOf(entry).replace(/PID \d+/, 'PID');
      if (said.has(text) || notYet.test(text)) return false;
      said.add(text);
      return true;
    })
    .reverse()
    .flatMap((entry) => entry.lines)
    .filter((line, index, all) => line !== all[index - 1]);
}
