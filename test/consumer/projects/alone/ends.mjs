// Starts a cluster, never stops it, and ends as it is told to.
import { writeFileSync } from 'node:fs';
import { startCluster } from 'jest-environment-pg-cluster/cluster';

const ends = {
  exits: () => process.exit(3),
  throws: () =>
    setTimeout(() => {
      throw new Error('nobody catches this');
    }),
  forgets: () => {},
  waits: () => setInterval(() => {}, 1000),
  failsOver: async () => {
    // Nothing but what is under way keeps the process alive.
    await cluster.killMaster();
    await cluster.failover();
    await cluster.rejoin('pg0');
    await cluster.waitForCatchup();
    console.log(cluster.master.name);
  },
};

const cluster = await startCluster({ engine: process.env.ENGINE ?? 'local', slaves: 2 });
writeFileSync('told-start.json', JSON.stringify(cluster.masterUrl));
await ends[process.argv[2]]();
