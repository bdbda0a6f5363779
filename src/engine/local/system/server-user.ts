import { readFileSync } from 'node:fs';
import { PgClusterError } from '../../../base/errors';

/** The user that servers run as. */
export interface ServerUser {
  readonly name: string;
  /** Undefined if they run as the user of this process. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** The command that runs a program as somebody with a name, if this user has none. */
  readonly namedBy?: readonly string[];
}

/** Whom to look for, in this order, if this process is root's: servers refuse to run as root. */
const unprivileged = ['postgres', 'nobody'];

/** @throws `ERR_PG_CLUSTER_NO_ENGINE` when root finds nobody to run servers as. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return { name: 'this user', ids: undefined };
  const known = accounts();
  for (const name of unprivileged) {
    const ids = known.get(name);
    if (ids && ids.uid !== 0) return { name, ids };
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `PostgreSQL refuses to run as root, and this machine has none of the users ${unprivileged.join(', ')} to run it as; run the tests as another user, or use Docker`,
  );
}

/** The users of this machine by name. */
export function accounts(): ReadonlyMap<string, NonNullable<ServerUser['ids']>> {
  return new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  );
}
