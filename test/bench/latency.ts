import Docker from 'dockerode';
import { Client, Pool } from 'pg';
import { Deadline } from '../../src/base/deadline';
import type { Cluster } from '../../src/cluster/cluster';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { openEngine } from '../../src/engine/open-engine';
import { handleOf } from '../../src/handle/cluster-handle';
import { takeOptions } from '../../src/options/take-options';
import type { Series } from './table';

const queries = 2000;
const clients = 8;

/** What is asked: the URL that tests have, and the server itself where that is not the same. */
const ways: [
  name: string,
  given: Record<string, unknown>,
  urlOf: (of: Cluster) => Promise<string>,
][] = [
  ['local', { engine: 'local' }, ourUrl],
  ['local, with networkFaults', { engine: 'local', networkFaults: true }, ourUrl],
  ['docker', { engine: 'docker' }, ourUrl],
  ['docker, the container itself', { engine: 'docker' }, containerUrl],
];

/** One small query after the other, and eight clients at once: milliseconds a query. */
export async function measureLatency(rounds: number): Promise<Series> {
  const series: Series = {};
  const add = (name: string, ms: number) => {
    series[name] = [...(series[name] ?? []), ms];
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, given, urlOf] of ways) {
      const { options } = takeOptions({ ...given, slaves: 0 }, __dirname);
      const cluster = await startCluster(await openEngine(options), options);
      try {
        const url = await urlOf(cluster);
        add(`a query, ${name}`, await oneByOne(url));
        add(`a query, ${clients} clients, ${name}`, await atOnce(url));
      } finally {
        await removeCluster(cluster, Deadline.in(30_000));
      }
    }
  }
  return series;
}

async function oneByOne(url: string): Promise<number> {
  const client = new Client(url);
  await client.connect();
  const startedAt = performance.now();
  for (let query = 0; query < queries; query += 1) await client.query('SELECT 1');
  const ms = (performance.now() - startedAt) / queries;
  await client.end();
  return ms;
}

async function atOnce(connectionString: string): Promise<number> {
  const pool = new Pool({ connectionString, max: clients });
  await Promise.all(Array.from({ length: clients }, () => pool.query('SELECT 1')));
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: queries }, () => pool.query('SELECT 1')));
  const ms = (performance.now() - startedAt) / queries;
  await pool.end();
  return ms;
}

async function ourUrl(cluster: Cluster): Promise<string> {
  return handleOf(cluster).masterUrl;
}

/** Past the published port. */
async function containerUrl(cluster: Cluster): Promise<string> {
  const { masterUrl, master } = handleOf(cluster);
  const containers = await new Docker().listContainers();
  const ours = containers.find(({ Ports }) =>
    Ports.some((port) => port.PublicPort === master.port),
  );
  const [network] = Object.values(ours?.NetworkSettings.Networks ?? {});
  if (!network) throw new Error(`no container publishes ${master.port}`);
  const url = new URL(masterUrl);
  url.host = `${network.IPAddress}:5432`;
  return url.href;
}
