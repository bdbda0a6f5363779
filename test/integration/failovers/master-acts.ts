import type { PgNode } from '../../../src/handle/pg-node';
import { end } from './fault-acts';
import type { WalkedCluster } from './walked-cluster';

/** What replaces the master. */
export const masterActs = {
  failover,

  /** A second master goes before anybody has rejoined, and a third. */
  async failovers(on: WalkedCluster) {
    for (let left = on.pick([2, 3]); left > 0; left -= 1) {
      await on.write();
      await end(on, on.pgCluster.master, 'kill');
      await failover(on);
    }
    await on.write();
  },

  /** To one that may lack what the others have. */
  failoverTo: (on: WalkedCluster) => failoverTo(on, on.pick(on.pgCluster.slaves)),

  /** What that one lacks is lost, as can be told before. */
  async failoverToOneBehind(on: WalkedCluster) {
    await failoverTo(on, await leaveBehind(on));
  },

  /** It can be reached, too, and must not be taken. */
  async failoverPastOneBehind(on: WalkedCluster) {
    await leaveBehind(on);
    await failover(on);
  },

  switchover,
};

/** By default: it must not be refused while the master is gone and a slave can be reached. */
async function failover(on: WalkedCluster): Promise<void> {
  const { pgCluster } = on;
  const reachable = await on.reachable();
  const kept = await on.keptBy(reachable);
  const must = pgCluster.master.state === 'stopped' && reachable.length > 0;
  await on.replaceMaster(kept, async () => {
    await (must ? pgCluster.failover() : on.unlessRefused(() => pgCluster.failover()));
  });
}

async function failoverTo(on: WalkedCluster, to: PgNode): Promise<void> {
  const reachable = (await on.reachable()).filter((name) => name === to.name);
  const kept = await on.keptBy(reachable);
  await on.replaceMaster(kept, () => on.unlessRefused(() => on.pgCluster.failover({ to })));
}

/** The master is gone, and a slave is there again that was away while others confirmed writes. */
async function leaveBehind(on: WalkedCluster): Promise<PgNode> {
  await on.heal();
  const { slaves } = on.pgCluster;
  const notAsked = slaves.filter(({ name }) => !on.marked.has(name));
  const behind = on.pick(notAsked.length > 0 ? notAsked : slaves);
  await end(on, behind, 'kill');
  await on.write();
  await end(on, on.pgCluster.master, 'kill');
  await on.unlessRefused(() => behind.start());
  return behind;
}

async function switchover(on: WalkedCluster): Promise<void> {
  const { pgCluster } = on;
  const former = pgCluster.master.name;
  const streamed = (await pgCluster.status()).nodes.filter(({ streaming }) => streaming);
  const to = on.pick([undefined, ...pgCluster.slaves]);
  await on.replaceMaster(on.writes.all, () =>
    on.unlessRefused(async () => {
      const master = await pgCluster.switchover(to && { to });
      on.slaves.add(former);
      const { nodes } = await pgCluster.status();
      const lost = streamed.filter(
        ({ name }) =>
          name !== master.name &&
          !nodes.some((node) => node.name === name && (node.streaming || !node.answers)),
      );
      expect(lost.map(({ name }) => `${name} does not stream after the switchover`)).toEqual([]);
    }),
  );
}
