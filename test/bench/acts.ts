import Docker from 'dockerode';
import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import type { Cluster } from '../../src/cluster/cluster';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { openEngine } from '../../src/engine/open-engine';
import { handleOf } from '../../src/handle/cluster-handle';
import { takeOptions } from '../../src/options/take-options';
import type { WiredNode } from '../../src/wire/wired-node';
import type { Series } from './table';

/** What each act of the handle takes; beside it what Docker itself takes for the same. */
export async function measureActs(engine: 'docker' | 'local', rounds: number): Promise<Series> {
  const { options } = takeOptions({ engine, slaves: 2 }, __dirname);
  const cluster = await startCluster(await openEngine(options), options);
  const series: Series = {};
  const measure = async (name: string, act: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await act();
    series[name] = [...(series[name] ?? []), (performance.now() - startedAt) / 1000];
  };
  try {
    const pgCluster = handleOf(cluster);
    for (let round = 0; round < rounds; round += 1) {
      const container = engine === 'docker' ? await containerOf(cluster) : undefined;
      if (container) {
        await measure('engine: pause', () => container.pause());
        await measure('engine: unpause', () => container.unpause());
      }
      await measure('pause', () => pgCluster.pauseMaster());
      await measure('unpause', () => pgCluster.unpauseMaster());
      await measure('heal of a healthy cluster', () => pgCluster.heal());

      if (container) {
        await measure('engine: kill', async () => {
          await container.kill();
          await container.wait();
        });
        await measure('engine: start', () => container.start());
        await pgCluster.heal();
      }
      await measure('kill', () => pgCluster.killMaster());
      await measure('start', () => pgCluster.startMaster());
      await pgCluster.heal();
      await measure('stop fast', () => pgCluster.stopMaster());
      await measure('failover of a dead master, until a write succeeds', async () => {
        await pgCluster.failover();
        await write(pgCluster.masterUrl);
      });
      await measure('heal after that', () => pgCluster.heal());
    }
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
  return series;
}

async function write(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS written AS SELECT 1');
  await client.end();
}

/** The container of today's master, which publishes its server to the wire alone. */
async function containerOf({ master }: Cluster): Promise<Docker.Container> {
  const docker = new Docker();
  const { port } = (master.engineNode as WiredNode).server;
  const found = (await docker.listContainers()).find(({ Ports }) =>
    Ports.some(({ PublicPort }) => PublicPort === port),
  );
  if (!found) throw new Error(`no container publishes ${port}`);
  return docker.getContainer(found.Id);
}
