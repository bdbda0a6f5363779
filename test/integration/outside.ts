import type { PgCluster } from '../../src/handle/pg-cluster';
import { containerOf } from '../support/docker';
import { engine } from '../support/engine';
import { killServer, pauseServer, removeServer } from '../support/local-servers';

/** What others than the handle may do to a node: users, the system, Docker's own command line. */
export const fromOutside = {
  async pause(pgCluster: PgCluster, name: string): Promise<void> {
    if (engine === 'local') await pauseServer(name);
    else await (await containerOf(pgCluster, name)).pause();
  },
  async kill(pgCluster: PgCluster, name: string): Promise<void> {
    if (engine === 'local') await killServer(name);
    else await (await containerOf(pgCluster, name)).kill();
  },
  async remove(pgCluster: PgCluster, name: string): Promise<void> {
    if (engine === 'local') await removeServer(name);
    else await (await containerOf(pgCluster, name)).remove({ force: true, v: true });
  },
};
