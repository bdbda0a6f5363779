import type { CloneSource } from '../engine/engine';
import type { Node } from './node';

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
