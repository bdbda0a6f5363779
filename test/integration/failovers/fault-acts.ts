import type { PgNode } from '../../../src/handle/pg-node';
import type { WalkedCluster } from './walked-cluster';

/** What breaks a node, and what mends it. */
export const faultActs = {
  kill: (on: WalkedCluster) => end(on, on.pick(on.pgCluster.nodes), 'kill'),

  stop: (on: WalkedCluster) => end(on, on.pick(on.pgCluster.nodes), 'stop'),

  killMaster: (on: WalkedCluster) => end(on, on.pgCluster.master, 'kill'),

  pause: (on: WalkedCluster) => on.unlessRefused(() => on.pick(on.pgCluster.nodes).pause()),

  unpause: (on: WalkedCluster) => on.unlessRefused(() => on.pick(on.pgCluster.nodes).unpause()),

  start: (on: WalkedCluster) => on.unlessRefused(() => on.pick(on.pgCluster.nodes).start()),

  async disconnect(on: WalkedCluster) {
    const node = on.pick(on.pgCluster.nodes);
    await on.unlessRefused(async () => {
      await node.disconnect({ from: on.pick(['cluster', 'all'] as const) });
      on.cut.add(node.name);
    });
  },

  reconnect,

  pauseReplay: (on: WalkedCluster) =>
    on.unlessRefused(() => on.pick(on.pgCluster.nodes).pauseReplay()),

  delayReplay(on: WalkedCluster) {
    const ms = on.pick([0, 50, 2000]);
    return on.unlessRefused(() => on.pick(on.pgCluster.nodes).delayReplay(ms));
  },

  resumeReplay: (on: WalkedCluster) =>
    on.unlessRefused(() => on.pick(on.pgCluster.nodes).resumeReplay()),

  readOnly(on: WalkedCluster) {
    const isOn = on.pick([true, false]);
    return on.unlessRefused(() => on.pgCluster.master.readOnly(isOn));
  },
};

export async function end(on: WalkedCluster, node: PgNode, how: 'kill' | 'stop'): Promise<void> {
  await on.unlessRefused(async () => {
    // A master waits for slaves that do not answer before it ends in good order.
    const { nodes } = await on.pgCluster.status();
    const isQuick = on.cut.size > 0 || nodes.some(({ state }) => state === 'paused');
    await (how === 'kill' ? node.kill() : node.stop(isQuick ? 'immediate' : 'fast'));
    on.cut.delete(node.name);
  });
}

export async function reconnect(on: WalkedCluster): Promise<void> {
  for (const name of [...on.cut]) {
    await on.unlessRefused(() => on.pgCluster.node(name).reconnect());
    on.cut.delete(name);
  }
}
