import { figure } from '../engine/figures';
import { engine } from '../support/engine';
import { rows } from '../support/rows';
import { faultActs } from './failovers/fault-acts';
import { masterActs } from './failovers/master-acts';
import { memberActs } from './failovers/member-acts';
import { slaves, WalkedCluster } from './failovers/walked-cluster';
import { newPick, seed, walkOn } from './random';

/**
 * What is done to the cluster, and writes. In Docker each takes long. The long form, by
 * `npm run test:soak`, has 6,000.
 */
const acts = Number(process.env.PG_CLUSTER_FAILOVER_ACTS ?? (engine === 'local' ? 300 : 40));

const doing = {
  ...faultActs,
  ...masterActs,
  ...memberActs,
  write: (on: WalkedCluster) => on.write(),
  heal: (on: WalkedCluster) => on.heal(),
};
type Act = keyof typeof doing;

/** How often each comes, in proportion. */
const weights: Readonly<Record<Act, number>> = {
  write: 8,
  kill: 1,
  stop: 1,
  killMaster: 2,
  pause: 1,
  unpause: 1,
  start: 2,
  disconnect: 1,
  reconnect: 1,
  pauseReplay: 1,
  delayReplay: 1,
  resumeReplay: 1,
  readOnly: 1,
  failover: 4,
  failovers: 2,
  failoverTo: 2,
  failoverToOneBehind: 1,
  failoverPastOneBehind: 2,
  switchover: 3,
  rejoin: 3,
  addSlave: 2,
  removeSlave: 1,
  heal: 4,
};

const walk = Object.entries(weights).flatMap(([act, weight]) =>
  Array.from({ length: weight }, () => act as Act),
);

test(
  `${acts} acts with failovers after failovers; PG_CLUSTER_SEED=${seed} replays them`,
  async () => {
    process.stderr.write(`failovers: PG_CLUSTER_SEED=${seed} PG_CLUSTER_FAILOVER_ACTS=${acts}\n`);
    const pick = newPick();
    await walkOn({ slaves }, async (pgCluster, cluster) => {
      const there = new WalkedCluster(pgCluster, cluster, pick);
      await rows(pgCluster.masterUrl, 'CREATE TABLE writes (n int PRIMARY KEY)');
      await pgCluster.waitForCatchup();
      // One choice may be several acts: a second master is killed after the first, and a third.
      const done = () => pgCluster.timeline.length + there.writes.begun;
      for (let choice = 1; done() < acts; choice += 1) {
        const act = pick(walk);
        await doing[act](there).catch((error: unknown) => {
          throw new Error(`choice ${choice}, ${act}: ${String(error)}`, { cause: error });
        });
      }
      await there.heal();
      const { acknowledged, failovers, foreseen, refused } = there.counts;
      process.stderr.write(`failovers: ${JSON.stringify(there.counts)}\n`);
      expect(failovers).toBeGreaterThan(0);
      figure('acts of walks with failovers after failovers', done());
      figure('acts of those that the state of the cluster refused', refused);
      figure('changes of the master in those', failovers);
      figure('writes acknowledged in those, none of them lost unforeseen', acknowledged);
      figure('writes lost in those, as was foreseen: too few had confirmed them', foreseen);
    });
  },
  30 * 60_000,
);
