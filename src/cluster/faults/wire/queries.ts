import { Deadline } from '../../../base/deadline';
import type { QueryRecord } from '../../../wire/requests';
import type { Cluster } from '../../cluster';
import type { Node } from '../../node/node';
import { requireFront } from '../preconditions';
import { patternOf } from './statement-pattern';

/** Which statements are asked for: those that are as all of these say. */
export interface WhichQueries {
  /** Began then or later, in milliseconds since the epoch. */
  since?: number;
  /** Match this, or contain this text, whatever its case and white space. */
  matching?: RegExp | string;
  /** Whether to tell the values of parameters, which may be secrets. @default false */
  parameters?: boolean;
}

/** A statement that a client ran. */
export interface PgQuery extends QueryRecord {
  /** The name of the node. */
  readonly node: string;
}

const lookMs = 10_000;

/** What clients ran on a node, in the order in which it began. */
export async function queries(
  cluster: Cluster,
  node: Node,
  { since, matching, parameters }: WhichQueries = {},
): Promise<readonly PgQuery[]> {
  cluster.assertMember(node);
  const front = requireFront(node, 'tell what clients ran');
  const which = {
    ...(since !== undefined && { since }),
    ...(matching !== undefined && { matching: patternOf(matching) }),
    ...(parameters !== undefined && { parameters }),
  };
  const found = await front.queries(which, Deadline.in(lookMs));
  return found.map((query) => ({ ...query, node: node.name }));
}
