import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { bootstrapRole } from '../../template';
import type { Server } from '../server/server';
import type { ServerUser } from '../system/server-user';
import { runSingleUser } from './single-user';

/** After this the bootstrap superuser cannot log in. */
const withdraw = `ALTER ROLE ${bootstrapRole} PASSWORD NULL;`;

/** Gives a newborn master its roles' passwords, over a connection to its server. */
export async function runBornSqlOver(
  server: Server,
  { sql, password }: { sql: string; password: string },
  deadline: Deadline,
): Promise<void> {
  if (sql === '') return;
  await server.withSession(
    { user: bootstrapRole, password, database: 'postgres' },
    (session) => session.query(`${sql}${withdraw}`, [], deadline),
    deadline,
  );
}

/** Does the same ahead of time, without a server, in data that nobody uses yet. */
export async function runBornSqlIn(
  data: string,
  o: { sql: string; programs: string; user: ServerUser },
  deadline: Deadline,
): Promise<void> {
  const { programs, user } = o;
  // The backend reads one statement a line.
  await runSingleUser(programs, data, { user, input: `${o.sql}${withdraw}\n` }, deadline);
  await rm(join(data, 'postmaster.opts'), { force: true });
}
