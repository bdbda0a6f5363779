import type { Deadline } from '../../base/deadline';
import { codeOf } from '../../base/errors';
import { newId } from '../../base/new-id';
import type { CloneSource, SnapshotSource } from '../../engine/engine-node';
import type { Connection } from '../../postgres/connection';
import type { Node } from '../node/node';

/**
 * A running node as a source of copies. The backup has a connection of its own and ends with it,
 * even if the copying fails.
 */
export function cloneSource(node: Node): CloneSource {
  return {
    name: node.name,
    async backup(copy, deadline) {
      const connection = await node.connect('admin', deadline);
      try {
        const version = await connection.query<{ major: number }>(
          `SELECT current_setting('server_version_num')::int / 10000 AS major`,
          [],
          deadline,
        );
        const sql = statements(version[0]?.major ?? 0);
        await connection.query(sql.start, [], deadline);
        await copy();
        const [row] = await connection.query<{ label: string }>(sql.stop, [], deadline);
        return row?.label ?? '';
      } finally {
        connection.destroy();
      }
    },
  };
}

/** A running master whose data are kept as they are. */
export function snapshotSource(master: Node): SnapshotSource {
  return {
    ...cloneSource(master),
    async neededWal(deadline) {
      const [row] = await master.sql<{ first: string | null; last: string }>(
        `SELECT pg_walfile_name(min(restart_lsn)) AS first,
                pg_walfile_name(pg_current_wal_insert_lsn()) AS last
           FROM pg_replication_slots WHERE NOT temporary`,
        [],
        deadline,
      );
      if (!row) throw new Error('an aggregate without a row');
      return { first: row.first ?? undefined, last: row.last };
    },
  };
}

/** PostgreSQL's codes when no slot or no connection is left. */
const noneLeft = ['55000', '53400', '53300'];

/**
 * Keeps all WAL that a node writes while `work` copies it and starts the copy, which needs that WAL
 * until it streams. A slot does it, since users may set `wal_keep_size`. If no slot is left, the
 * copy may fail.
 */
export async function keepingWal<T>(
  node: Node,
  deadline: Deadline,
  work: () => Promise<T>,
): Promise<T> {
  const name = `pgcluster_copy_${newId()}`;
  const connection = await reserveWal(node, name, deadline).catch((error: unknown) => {
    if (noneLeft.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  });
  try {
    const result = await work();
    // It would go with its connection, too, but nobody could tell when.
    await connection
      ?.query('SELECT pg_drop_replication_slot($1)', [name], deadline)
      .catch(() => {});
    return result;
  } finally {
    connection?.destroy();
  }
}

async function reserveWal(node: Node, name: string, deadline: Deadline): Promise<Connection> {
  const connection = await node.connect('admin', deadline);
  try {
    await connection.query(
      'SELECT pg_create_physical_replication_slot($1, true, true)',
      [name],
      deadline,
    );
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** Version 15 has renamed the functions. The copy gets its WAL by streaming. */
function statements(major: number): { start: string; stop: string } {
  const label = `'jest-environment-pg-cluster'`;
  return major >= 15
    ? {
        start: `SELECT pg_backup_start(${label}, fast => true)`,
        stop: 'SELECT labelfile AS label FROM pg_backup_stop(wait_for_archive => false)',
      }
    : {
        start: `SELECT pg_start_backup(${label}, true, false)`,
        stop: 'SELECT labelfile AS label FROM pg_stop_backup(false, false)',
      };
}
