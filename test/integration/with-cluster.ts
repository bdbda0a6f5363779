import Docker from 'dockerode';
import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { currentSession } from '../../src/cleanup/session';
import type { Cluster } from '../../src/cluster/cluster';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { label } from '../../src/engine/docker/image/labels';
import { openEngine } from '../../src/engine/open-engine';
import { handleOf } from '../../src/handle/cluster-handle';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { takeOptions } from '../../src/options/take-options';
import { localLeftovers } from '../local/servers';
import { installedIn } from '../local/versions';

export const docker = new Docker();

/** What this run's nodes run on; each file is run on both. */
export const engine = process.env.PG_CLUSTER_TEST_ENGINE === 'local' ? 'local' : 'docker';

/** What both engines need to be asked for, to do the same. */
export const ofEngine = engine === 'local' ? { engine, networkFaults: true } : { engine };

/** Where the local engine finds programs of that version; and SQL files, if none is asked for. */
function rootDirFor(version: unknown): string {
  return typeof version === 'number' && engine === 'local' ? installedIn(version) : __dirname;
}

/** A cluster for the tests of the block that this is called in. */
export function useCluster(given: Record<string, unknown> = {}): {
  readonly pgCluster: PgCluster;
  readonly cluster: Cluster;
} {
  let cluster: Cluster | undefined;
  let handle: PgCluster | undefined;
  beforeAll(async () => {
    cluster = await start(given);
    handle = handleOf(cluster);
  });
  afterAll(async () => {
    if (cluster) await removeCluster(cluster, Deadline.in(30_000));
    await expectNothingLeft();
  });
  return {
    get pgCluster() {
      if (!handle) throw new Error('no cluster yet');
      return handle;
    },
    get cluster() {
      if (!cluster) throw new Error('no cluster yet');
      return cluster;
    },
  };
}

export async function start(given: Record<string, unknown> = {}): Promise<Cluster> {
  const { options } = takeOptions({ ...ofEngine, ...given }, rootDirFor(given.version));
  return startCluster(await openEngine(options), options);
}

/** What a user sees over a connection of their own. */
export async function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The containers of one cluster, by the name of their node. */
export async function containersOf(
  pgCluster: PgCluster,
  engine = docker,
): Promise<Map<string, Docker.Container>> {
  const ports = new Map(pgCluster.nodes.map(({ name, port }) => [port, name]));
  const found = new Map<string, Docker.Container>();
  for (const { Id, Ports } of await ours(engine)) {
    const name = Ports.map(({ PublicPort }) => ports.get(PublicPort)).find(Boolean);
    if (name) found.set(name, engine.getContainer(Id));
  }
  return found;
}

/** No container, network, volume, process and directory of this process is there any more. */
export async function expectNothingLeft(): Promise<void> {
  if (engine === 'local') {
    expect(await localLeftovers(currentSession().id)).toEqual([]);
    return;
  }
  const filters = { label: [`${label.session}=${currentSession().id}`] };
  expect((await ours()).map(({ Names }) => Names)).toEqual([]);
  expect(await docker.listNetworks({ filters })).toEqual([]);
  expect((await docker.listVolumes({ filters })).Volumes ?? []).toEqual([]);
}

function ours(engine = docker): Promise<Docker.ContainerInfo[]> {
  return engine.listContainers({
    all: true,
    filters: { label: [`${label.session}=${currentSession().id}`] },
  });
}
