import { type Deadline, poll } from '../../base/deadline';
import type { Node } from '../node/node';

/** A client's session on a server. The next one may get the same process id, but starts later. */
export interface Backend {
  readonly pid: number;
  readonly startedAt: string;
}

/** The columns of pg_stat_activity and pg_stat_replication that make a `Backend`. */
export const backendColumns = 'pid, backend_start::text AS "startedAt"';

/** Ends these, and resolves once they have ended. */
export async function endBackends(
  node: Node,
  backends: readonly Backend[],
  deadline: Deadline,
): Promise<void> {
  await node.sql(
    'SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid',
    [backends.map(({ pid }) => pid)],
    deadline,
  );
  await untilEnded(node, backends, deadline);
}

/** Resolves once these have ended. They have been told to. */
export async function untilEnded(
  node: Node,
  backends: readonly Backend[],
  deadline: Deadline,
): Promise<void> {
  if (backends.length === 0) return;
  await poll({
    deadline,
    what: `${backends.length} connections of ${node.name} to end`,
    intervalMs: 5,
    look: async () => {
      const [row] = await node.sql<{ left: number }>(
        `SELECT count(*)::int AS left FROM pg_stat_activity
           JOIN unnest($1::int[], $2::timestamptz[]) AS ended (pid, started_at)
             ON pg_stat_activity.pid = ended.pid AND backend_start = started_at`,
        [backends.map(({ pid }) => pid), backends.map(({ startedAt }) => startedAt)],
        deadline,
      );
      return row?.left === 0 ? { done: undefined } : { seen: `${row?.left} are left` };
    },
  });
}
