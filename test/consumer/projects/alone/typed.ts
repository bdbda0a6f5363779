import type {
  PgNode,
  RunningCluster,
  StartClusterOptions,
} from 'jest-environment-pg-cluster/cluster';
import { PgClusterError, startCluster } from 'jest-environment-pg-cluster/cluster';

const options: StartClusterOptions = { engine: 'local', slaves: [{ slot: true }], rootDir: '.' };

async function failOver(cluster: RunningCluster): Promise<PgNode> {
  await cluster.killMaster();
  return cluster.failover();
}

async function main(): Promise<void> {
  let kept: RunningCluster;
  {
    await using cluster = await startCluster(options);
    kept = cluster;
    const master: PgNode = await failOver(cluster);
    console.log(master.name);
  }
  await kept.status().catch((error: unknown) => {
    console.log(error instanceof PgClusterError && error.code);
  });
}

void main();
