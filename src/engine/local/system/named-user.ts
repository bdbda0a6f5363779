import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { userId, userName } from '../../../base/machine/this-user';
import { run } from './run-program';
import { accounts, type ServerUser } from './server-user';

/**
 * The same user, with a name: initdb and the single-user mode look up theirs, and fail when the
 * system knows none for the id, as with many users in containers. For such a user, they run in a
 * user namespace (user_namespaces(7)) as somebody the system knows. What they make belongs to this
 * user all the same.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` where there can be no such namespace
 */
export async function withName(user: ServerUser, deadline: Deadline): Promise<ServerUser> {
  if (user.ids !== undefined || userName() !== undefined) return user;
  const somebody = [...accounts()].find(([name, { uid }]) => name !== '' && uid > 0);
  const problem = somebody ? await tryAs(somebody[1], deadline) : 'it has no accounts at all';
  if (somebody && problem === undefined) return { ...user, namedBy: namespaceOf(somebody[1]) };
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `this machine knows no name of user ${userId()}, which runs the tests, and PostgreSQL’s initdb needs one. A user namespace, in which it would have one, is not available: ${problem}. Add a line for user ${userId()} to /etc/passwd, run the tests as another user, or use Docker`,
  );
}

type Ids = NonNullable<ServerUser['ids']>;

function namespaceOf({ uid, gid }: Ids): readonly string[] {
  return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
}

/** Resolves to what went wrong, if anything. */
async function tryAs(ids: Ids, deadline: Deadline): Promise<string | undefined> {
  const [unshare = '', ...args] = namespaceOf(ids);
  try {
    const { exitCode, stderr } = await run(unshare, [...args, 'true'], deadline);
    return exitCode === 0 ? undefined : stderr.trim() || `unshare ended with ${exitCode}`;
  } catch (error) {
    return messageOf(error);
  }
}
