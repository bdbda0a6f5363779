import { escapeIdentifier, escapeLiteral } from 'pg';
import { type Deadline, poll } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import type { Node } from '../node';

/** By their names; undefined: no more than what postgresql.conf says (ALTER SYSTEM RESET). */
export type NodeSettings = Readonly<Record<string, string | undefined>>;

/**
 * Changes settings of a server that runs, all at once. The only place where one is told to read its
 * files again; resolves once that has its effect: every session that begins from now on has the
 * values, every older one takes them before its next statement, and so does what sends, receives
 * and replays WAL before it touches what comes from now on.
 *
 * How that is known: the postmaster does one thing after the other. To read its files and to signal
 * every child is one of them, and it looks for that before it takes a connection. So once it has
 * taken one that was opened after the signal, all children have theirs.
 *
 * @throws `ERR_PG_CLUSTER_STATE` when it could not read its files
 */
export async function changeSettings(
  node: Node,
  settings: NodeSettings,
  deadline: Deadline,
): Promise<void> {
  // One by one: ALTER SYSTEM takes no parameters, and no transaction.
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
  await seenByNewSession(node, before?.at ?? '', deadline);
}

async function seenByNewSession(node: Node, before: string, deadline: Deadline): Promise<void> {
  try {
    const session = await node.connect('admin', deadline);
    session.destroy();
  } catch (error) {
    // An answer, too: out of connections.
    if (codeOf(error) !== '53300') throw error;
  }
  // Ours was signalled before that; it takes note when it gets the next statement, not later.
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
    `${node.name} cannot take new settings, as its server cannot read its files: ${row.problem}; mend that first`,
  );
}

/** What the server's files say of a setting. */
export interface Written {
  readonly value: string;
  /** Whether ALTER SYSTEM, or the node's birth, wrote it: then RESET would not bring it back. */
  readonly inAutoConf: boolean;
}

/** In the files, since a session of ours may have a value of its own. The last mention counts. */
export async function written(
  node: Node,
  name: string,
  deadline: Deadline,
): Promise<Written | undefined> {
  const [row] = await node.sql<Written>(
    `SELECT setting AS value, sourcefile LIKE '%postgresql.auto.conf' AS "inAutoConf"
       FROM pg_file_settings WHERE name = $1 AND error IS NULL ORDER BY seqno DESC LIMIT 1`,
    [name],
    deadline,
  );
  return row;
}

/** All that postgresql.auto.conf says; names in lower case. */
export async function writtenBySystem(
  node: Node,
  deadline: Deadline,
): Promise<ReadonlyMap<string, string>> {
  // With errors as well: what takes effect at the next start only is one of them.
  const rows = await node.sql<{ name: string; value: string }>(
    `SELECT lower(name) AS name, setting AS value FROM pg_file_settings
      WHERE sourcefile LIKE '%postgresql.auto.conf' AND name IS NOT NULL ORDER BY seqno`,
    [],
    deadline,
  );
  return new Map(rows.map(({ name, value }) => [name, value]));
}
