import { Deadline } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { whileSlavesReplay } from '../replication/stand-still';
import { settleSynchronous } from '../replication/synchronous';
import { makeMaster, refuseMaster } from './make-master';
import { mostAdvanced } from './most-advanced';
import { repointSlaves } from './repoint-slaves';

const failoverMs = 60_000;

/**
 * Promotes a slave in place of a master that is gone, by default the slave that has received most.
 * The other slaves that can be reached then follow it.
 */
export async function failover(
  cluster: Cluster,
  o: { to?: Node | undefined; force?: boolean | undefined } = {},
): Promise<Node> {
  let chosen = cluster.master;
  await cluster.change('failover', async (tell) => {
    const former = cluster.master;
    if (o.to) refuseMaster(cluster, o.to, 'the target of a failover', 'choose a slave');
    const { state, detail } = await former.observe();
    if ((state === 'running' || state === 'paused') && !o.force) {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${former.name} (master) is not gone: ${detail}. A second master beside it would split the cluster: kill or stop it first, or use switchover(), or failover({ force: true }) to see what a split brain does`,
      );
    }
    const deadline = Deadline.in(failoverMs);
    chosen = o.to ?? (await mostAdvanced(cluster.slaves, former, deadline));
    await chosen.requireRunning('take over');
    const left = await whileSlavesReplay(cluster, cluster.slaves, deadline, async () => {
      await makeMaster(cluster, chosen);
      const notRepointed = await repointSlaves(cluster, former, deadline);
      await settleSynchronous(cluster, deadline);
      return notRepointed;
    });
    tell({
      detail: `${former.name} → ${chosen.name}${left.size > 0 ? `; not repointed: ${[...left.keys()].join(', ')}` : ''}`,
    });
    return true;
  });
  return chosen;
}
