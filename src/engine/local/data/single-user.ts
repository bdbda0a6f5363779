import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { run } from '../system/run-program';
import type { ServerUser } from '../system/server-user';

/**
 * Runs statements, one a line, in a data directory that no server uses ("postgres", Single-User
 * Mode, in the manual): it recovers, if it has to, and shuts down cleanly. Resolves to what it
 * printed.
 *
 * @throws `ERR_PG_CLUSTER_ENGINE` with what the server said
 */
export async function runSingleUser(
  programs: string,
  data: string,
  o: { user: ServerUser; input: string },
  deadline: Deadline,
): Promise<string> {
  const { user, input } = o;
  // As in spawn-server.ts: a killed server leaves nothing outside of the data directory.
  const args = ['--single', '-D', data, '-c', 'dynamic_shared_memory_type=mmap'];
  const { exitCode, stdout, stderr } = await run(
    join(programs, 'postgres'),
    [...args, 'postgres'],
    deadline,
    { user, needsName: true, input },
  );
  // It ends with 0 even if a statement failed.
  const failure = stderr.split('\n').find((line) => /(ERROR|FATAL|PANIC): /.test(line));
  if (exitCode === 0 && failure === undefined) return stdout;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_ENGINE',
    `PostgreSQL's single-user mode failed in ${data}: ${failure ?? stderr.trim().split('\n').at(-1)}`,
  );
}
