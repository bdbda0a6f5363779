import type { PgCluster } from '../../src/handle/pg-cluster';
import { killServer, pauseServer, removeServer } from '../local/servers';
import { containersOf, engine } from './with-cluster';

/** What others than the handle may do to a node: users, the system, Docker's own command line. */
export const fromOutside = {
  async pause(pgCluster: PgCluster, name: string): Promise<void> {
    if (engine === 'local') await pauseServer(name);
    else await (await containersOf(pgCluster)).get(name)?.pause();
  },
  async kill(pgCluster: PgCluster, name: string): Promise<void> {
    if (engine === 'local') await killServer(name);
    else await (await containersOf(pgCluster)).get(name)?.kill();
  },
  async remove(pgCluster: PgCluster, name: string): Promise<void> {
    if (engine === 'local') await removeServer(name);
    else await (await containersOf(pgCluster)).get(name)?.remove({ force: true });
  },
};
