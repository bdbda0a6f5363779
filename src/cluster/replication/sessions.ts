import { type Deadline, poll } from '../../base/deadline';
import type { Node } from '../node';

/** A session of a server. With the time of its start: the next one may get the same process id. */
export interface Session {
  readonly pid: number;
  readonly startedAt: string;
}

/** The columns of pg_stat_activity and pg_stat_replication that make a session. */
export const sessionColumns = 'pid, backend_start::text AS "startedAt"';

/** Ends these, and resolves once they have ended. */
export async function endSessions(
  node: Node,
  sessions: readonly Session[],
  deadline: Deadline,
): Promise<void> {
  await node.sql(
    'SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid',
    [sessions.map(({ pid }) => pid)],
    deadline,
  );
  await untilEnded(node, sessions, deadline);
}

/** Resolves once these have ended, which they were told to do. */
export async function untilEnded(
  node: Node,
  sessions: readonly Session[],
  deadline: Deadline,
): Promise<void> {
  if (sessions.length === 0) return;
  await poll({
    deadline,
    what: `${sessions.length} sessions of ${node.name} to end`,
    intervalMs: 5,
    look: async () => {
      const [row] = await node.sql<{ left: number }>(
        `SELECT count(*)::int AS left FROM pg_stat_activity
           JOIN unnest($1::int[], $2::timestamptz[]) AS ended (pid, started_at)
             ON pg_stat_activity.pid = ended.pid AND backend_start = started_at`,
        [sessions.map(({ pid }) => pid), sessions.map(({ startedAt }) => startedAt)],
        deadline,
      );
      return row?.left === 0 ? { done: undefined } : { seen: `${row?.left} are left` };
    },
  });
}
