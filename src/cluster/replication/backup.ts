import type { Deadline } from '../../base/deadline';
import { codeOf } from '../../base/errors';
import { newId } from '../../cleanup/session';
import type { CloneSource } from '../../engine/engine';
import type { Connection } from '../../postgres/connection';
import type { Node } from '../node';

/**
 * A node that runs, as a source of copies. The backup belongs to a session of its own: it ends
 * with that, however the copying went.
 */
export function cloneSource(node: Node): CloneSource {
  return {
    name: node.name,
    async backup(copy, deadline) {
      const session = await node.connect('admin', deadline);
      try {
        const version = await session.query<{ major: number }>(
          `SELECT current_setting('server_version_num')::int / 10000 AS major`,
          [],
          deadline,
        );
        const sql = statements(version[0]?.major ?? 0);
        await session.query(sql.start, [], deadline);
        await copy();
        const [row] = await session.query<{ label: string }>(sql.stop, [], deadline);
        return row?.label ?? '';
      } finally {
        session.destroy();
      }
    },
  };
}

/** What PostgreSQL says when there is no slot, or no session, to be had. */
const noneLeft = ['55000', '53400', '53300'];

/**
 * Keeps all WAL that a node writes while `work` copies it and starts the copy, which needs it from
 * the beginning of the backup until it streams: by a slot, as `wal_keep_size` is the user's to set.
 * Without one to be had it has to go as it may.
 */
export async function keepingWal<T>(
  node: Node,
  deadline: Deadline,
  work: () => Promise<T>,
): Promise<T> {
  const name = `pgcluster_copy_${newId()}`;
  const session = await reserveWal(node, name, deadline).catch((error: unknown) => {
    if (noneLeft.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  });
  try {
    const result = await work();
    // It goes with its session anyway, but then nobody could tell when.
    await session?.query('SELECT pg_drop_replication_slot($1)', [name], deadline).catch(() => {});
    return result;
  } finally {
    session?.destroy();
  }
}

async function reserveWal(node: Node, name: string, deadline: Deadline): Promise<Connection> {
  const session = await node.connect('admin', deadline);
  try {
    await session.query(
      'SELECT pg_create_physical_replication_slot($1, true, true)',
      [name],
      deadline,
    );
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** The functions got new names with version 15. The copy's WAL comes by streaming. */
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
