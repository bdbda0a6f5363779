import { messageOf } from '../errors';
import type { Node } from './node';

const lines = 25;

/** The last lines of a node's log, for the message of a failure. */
export async function endOfLog(node: Node): Promise<string> {
  const text = await node.logs().catch((reason: unknown) => messageOf(reason));
  const end = text.trimEnd().split('\n').slice(-lines);
  return `The end of the log of ${node.name}:\n${end.map((line) => `  | ${line}`).join('\n')}`;
}
