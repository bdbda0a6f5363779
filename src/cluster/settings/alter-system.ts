import { type Deadline, poll } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import { escapeIdentifier, escapeLiteral } from '../../postgres/quoted';
import type { WrittenSetting } from '../fault-book';
import type { Node } from '../node/node';

/** Values by name; undefined: what postgresql.conf says (ALTER SYSTEM RESET). */
export type NodeSettings = Readonly<Record<string, string | undefined>>;

/**
 * Changes settings of a running server, all at once. Only this function tells servers to read their
 * files again. It resolves once the change is in effect: every new backend has the values, every
 * older one takes them before its next statement, and the processes that send, receive and replay
 * WAL take them before they touch any more of it.
 *
 * How we know: the postmaster does one thing at a time. Before it takes a connection it checks
 * whether it should read its files and signal every child. So once it has taken a connection that
 * was opened after our signal, all children have theirs.
 *
 * @throws `ERR_PG_CLUSTER_STATE` when the server cannot read its files
 */
export async function changeSettings(
  node: Node,
  settings: NodeSettings,
  deadline: Deadline,
): Promise<void> {
  // One by one: ALTER SYSTEM takes no parameters and does not run in a transaction.
  for (const [name, value] of Object.entries(settings)) {
    const change = value === undefined ? 'RESET' : 'SET';
    const to = value === undefined ? '' : ` = ${escapeLiteral(value)}`;
    await node.sql(`ALTER SYSTEM ${change} ${escapeIdentifier(name)}${to}`, [], deadline);
  }
  const [before] = await node.sql<{ at: string }>(
    'SELECT pg_conf_load_time()::text AS at, pg_reload_conf()',
    [],
    deadline,
  );
  await untilEffective(node, before?.at ?? '', deadline);
}

async function untilEffective(node: Node, before: string, deadline: Deadline): Promise<void> {
  try {
    const connection = await node.connect('admin', deadline);
    connection.destroy();
  } catch (error) {
    // "Too many connections" is an answer, too.
    if (codeOf(error) !== '53300') throw error;
  }
  // Our own backend has its signal, too, and heeds it at its next statement.
  await poll({
    deadline,
    what: `${node.name} to take new settings`,
    intervalMs: 2,
    look: async () => {
      const [row] = await node.sql<{ isNew: boolean }>(
        'SELECT pg_conf_load_time() > $1::timestamptz AS "isNew"',
        [before],
        deadline,
      );
      if (row?.isNew) return { done: undefined };
      await refuseUnreadable(node, deadline);
      return { seen: `those of ${before}` };
    },
  });
}

async function refuseUnreadable(node: Node, deadline: Deadline): Promise<void> {
  const [row] = await node.sql<{ problem: string }>(
    `SELECT sourcefile || ', line ' || sourceline || ': ' || error AS problem
       FROM pg_file_settings WHERE error IS NOT NULL AND name IS NULL`,
    [],
    deadline,
  );
  if (!row) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_STATE',
    `${node.name} cannot take new settings, because its server cannot read its files: ${row.problem}; repair that first`,
  );
}

/** A setting as the server's files have it; our own connection may have another value. */
export async function written(
  node: Node,
  name: string,
  deadline: Deadline,
): Promise<WrittenSetting | undefined> {
  const [row] = await node.sql<WrittenSetting>(
    `SELECT setting AS value, sourcefile LIKE '%postgresql.auto.conf' AS "inAutoConf"
       FROM pg_file_settings WHERE name = $1 AND error IS NULL ORDER BY seqno DESC LIMIT 1`,
    [name],
    deadline,
  );
  return row;
}

/** All settings of postgresql.auto.conf, with their names in lower case. */
export async function writtenBySystem(
  node: Node,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> {
  // Errors included: a setting that takes effect only at the next start counts as one.
  const rows = await node.sql<{ name: string; value: string }>(
    `SELECT lower(name) AS name, setting AS value FROM pg_file_settings
      WHERE sourcefile LIKE '%postgresql.auto.conf' AND name IS NOT NULL ORDER BY seqno`,
    [],
    deadline,
  );
  return new Map(rows.map(({ name, value }) => [name, value]));
}
