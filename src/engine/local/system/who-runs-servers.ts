import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { withName } from './named-user';
import { requireCapabilities } from './root-capabilities';
import { type ServerUser, serverUser } from './server-user';

/** @throws `ERR_PG_CLUSTER_NO_ENGINE` on a system where servers cannot be run at all */
export function requireSystem(): void {
  if (process.platform !== 'win32') return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `engine 'local' does not run on Windows, whose processes cannot be frozen; use Docker, or run the tests in WSL`,
  );
}

/**
 * The user that servers run as, who has a name and all that is needed.
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` where there is none
 */
export async function whoRunsServers(deadline: Deadline): Promise<ServerUser> {
  const user = await withName(serverUser(), deadline);
  if (user.ids !== undefined) requireCapabilities();
  return user;
}
