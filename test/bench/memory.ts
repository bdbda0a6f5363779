import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { currentSession } from '../../src/cleanup/session';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { processesIn } from '../../src/engine/local/system/processes-in';
import { openEngine } from '../../src/engine/open-engine';
import type { EngineKind } from '../../src/engine/registry';
import { takeOptions } from '../../src/options/take-options';
import { everyRoot } from '../support/local-servers';
import type { Series } from './table';

/** Proportional set size of each node of an idle cluster, in MB. */
export async function measureMemory(engine: EngineKind): Promise<Series> {
  const { options } = takeOptions({ engine, slaves: 2 }, __dirname);
  const cluster = await startCluster(await openEngine(options), options);
  try {
    await sleep(1_000);
    const all = engine === 'local' ? await localProcesses() : await containerProcesses();
    const total = all.reduce((sum, pid) => sum + proportionalSize(pid), 0);
    return { [`memory of an idle node, ${engine}`]: [total / cluster.nodes.length] };
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
}

function proportionalSize(pid: number): number {
  const [, kilobytes] =
    /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes ?? 0) / 1024;
}

async function localProcesses(): Promise<number[]> {
  const deadline = Deadline.in(10_000);
  const found = everyRoot().map((root) => processesIn(join(root, currentSession().id), deadline));
  return (await Promise.all(found)).flat();
}

async function containerProcesses(): Promise<number[]> {
  const docker = new Docker();
  const label = [`jest-environment-pg-cluster.session=${currentSession().id}`];
  const containers = await docker.listContainers({ filters: { label } });
  const tops = await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).top()));
  return tops.flatMap(({ Titles, Processes }) =>
    Processes.map((row: string[]) => Number(row[Titles.indexOf('PID')])),
  );
}
