import { Deadline, poll } from '../../base/deadline';
import { Connection, type Login } from '../../postgres/connection';

/** Of the role that initdb makes, which runs what the server does by itself. */
const bootstrapOid = 10;
/** How long a session may take to end after its client. */
const leaveMs = 2000;
const askMs = 5000;

/** The sessions on the server aside from ours, for a message; empty if there are none. */
export async function openSessions(login: Login): Promise<string> {
  const deadline = Deadline.in(askMs);
  const connection = await Connection.open(login, deadline);
  try {
    return await tellSessions(connection, deadline);
  } finally {
    connection.destroy();
  }
}

/** The same for those that do not leave within seconds. */
export async function sessionsThatStay(login: Login): Promise<string> {
  const deadline = Deadline.in(askMs);
  const connection = await Connection.open(login, deadline);
  let seen = '';
  try {
    await poll({
      deadline: deadline.atMost(leaveMs),
      what: 'sessions to end',
      intervalMs: 50,
      look: async () => {
        seen = await tellSessions(connection, deadline);
        return seen === '' ? { done: undefined } : { seen };
      },
    });
    return '';
  } catch (error) {
    if (seen === '') throw error;
    return seen;
  } finally {
    connection.destroy();
  }
}

/** An ordinary role sees of others' sessions only that they are there. */
async function tellSessions(connection: Connection, deadline: Deadline): Promise<string> {
  const found = await connection.query<{ session: string }>(
    `SELECT format('%s (pid %s%s)', coalesce(nullif(application_name, ''), 'a session without a name'),
       pid, ', ' || nullif(state, '')) AS session
     FROM pg_catalog.pg_stat_activity
     WHERE usesysid <> ${bootstrapOid} AND pid <> pg_backend_pid()
     ORDER BY pid`,
    [],
    deadline,
  );
  return found.map(({ session }) => session).join(', ');
}
