import { inspect } from 'node:util';
import type { PgQuery } from '../../cluster/faults/wire/queries';
import type { PgNode } from '../../handle/pg-node';
import type { Verdict } from './matcher-verdicts';

/** How many statements a message lists, of each node. */
const most = 10;
const longest = 100;

/**
 * Whether clients ran a statement on a node.
 * @param others the other nodes, for the message: it may have been run there instead
 * @throws for what is no node; and what `queries()` throws
 */
export async function judgeQueries(
  received: unknown,
  statement: RegExp | string,
  o: { since: number; others: readonly PgNode[]; hint: string },
): Promise<Verdict> {
  const { since, others, hint } = o;
  if (!isNode(received)) {
    throw new TypeError(
      `${hint}\n\nexpects a node, such as pgCluster.master, not ${inspect(received, { depth: 0 })}`,
    );
  }
  const matching = await received.queries({ since, matching: statement });
  const pass = matching.length > 0;
  const wanted = inspect(statement);
  const lines = pass
    ? [
        `Expected ${received.name} not to run what matches ${wanted}, but it did:`,
        ...list(matching),
      ]
    : [
        `Expected ${received.name} to run what matches ${wanted}.`,
        ...ranOn(received.name, await received.queries({ since })),
        ...(await elsewhere(others, statement, since)),
      ];
  return { pass, message: () => `${hint}\n\n${lines.join('\n')}` };
}

async function elsewhere(
  others: readonly PgNode[],
  statement: RegExp | string,
  since: number,
): Promise<string[]> {
  const found = await Promise.all(
    others.map(async (node) => {
      const queries = await node.queries({ since, matching: statement });
      return queries.length === 0 ? [] : [`${node.name} did:`, ...list(queries)];
    }),
  );
  return found.flat();
}

function ranOn(node: string, queries: readonly PgQuery[]): string[] {
  return queries.length === 0
    ? [`Clients ran nothing on ${node}.`]
    : [`Clients ran on ${node}:`, ...list(queries)];
}

/** The newest ones. */
function list(queries: readonly PgQuery[]): string[] {
  const left = queries.length - most;
  const lines = queries.slice(-most).map((query) => `  ${oneLine(query)}`);
  return left > 0 ? [`  … ${left} before these`, ...lines] : lines;
}

function oneLine({ sql, applicationName, at, tag, sqlState }: PgQuery): string {
  const text = sql.replace(/\s+/g, ' ');
  const shown = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  const became = tag ?? (sqlState === null ? 'not ended' : `failed with ${sqlState}`);
  const who = applicationName === '' ? '' : `, ${applicationName}`;
  return `${new Date(at).toISOString().slice(11, 23)}  ${shown}  (${became}${who})`;
}

function isNode(value: unknown): value is PgNode {
  return typeof (value as PgNode | null | undefined)?.queries === 'function';
}
