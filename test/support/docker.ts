import Docker from 'dockerode';
import { currentSession } from '../../src/cleanup/session';
import { label } from '../../src/engine/docker/image/labels';
import type { PgCluster } from '../../src/handle/pg-cluster';

/** The engine of this machine, as its own tools would see it. */
export const docker = new Docker();

/** Finds what this process has made. */
export const ofThisProcess = () => ({ label: [`${label.session}=${currentSession().id}`] });

/** The containers of one cluster, by the name of their node. */
export async function containersOf(
  pgCluster: PgCluster,
  engine = docker,
): Promise<Map<string, Docker.Container>> {
  const ports = new Map(pgCluster.nodes.map(({ name, port }) => [port, name]));
  const found = new Map<string, Docker.Container>();
  for (const { Id, Labels } of await engine.listContainers({
    all: true,
    filters: ofThisProcess(),
  })) {
    const name = ports.get(Number(Labels[label.clientPort]));
    if (name) found.set(name, engine.getContainer(Id));
  }
  return found;
}

/** The container of one node. */
export async function containerOf(
  pgCluster: PgCluster,
  name: string,
  engine = docker,
): Promise<Docker.Container> {
  const found = (await containersOf(pgCluster, engine)).get(name);
  if (!found) throw new Error(`there is no container of ${name}`);
  return found;
}
