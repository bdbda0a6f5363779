import { codeOf } from '../../../src/base/errors';
import { addSlave } from '../../../src/cluster/lifecycle/membership';
import { reconnect } from './fault-acts';
import type { WalkedCluster } from './walked-cluster';

/** How long a newcomer may take; with faults on it may never come to stream. */
const addMs = 4000;
const mostNodes = 6;

/** What changes who belongs to the cluster. */
export const memberActs = {
  /** While a node that is concerned is cut off it would only wait. */
  async rejoin(on: WalkedCluster) {
    await reconnect(on);
    const node = on.pick(on.pgCluster.nodes);
    await on.unlessRefused(async () => {
      await on.pgCluster.rejoin(node);
      on.slaves.add(node.name);
    });
  },

  async addSlave(on: WalkedCluster) {
    if (on.pgCluster.nodes.length === mostNodes) return;
    const synchronous = on.pick([true, false]);
    try {
      const { name } = await addSlave(on.cluster, { synchronous }, addMs);
      on.slaves.add(name);
      if (synchronous) on.marked.add(name);
    } catch (error) {
      if (codeOf(error) !== 'ERR_PG_CLUSTER_START') on.refused(error);
    }
  },

  async removeSlave(on: WalkedCluster) {
    if (on.pgCluster.nodes.length < 4) return;
    const node = on.pick(on.pgCluster.slaves);
    await on.unlessRefused(() => on.pgCluster.removeSlave(node));
    if (on.pgCluster.nodes.includes(node)) return;
    on.slaves.delete(node.name);
    on.cut.delete(node.name);
  },
};
