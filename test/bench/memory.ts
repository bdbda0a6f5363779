import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { processesIn } from '../../src/engine/local/system/processes-in';
import { everyRoot } from '../support/local-servers';

/** The proportional set size of processes, in MB: what they share is counted once among them. */
export function memoryOfAll(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + sizeOf(pid, 'Pss'), 0);
}

/** What this process has for itself, in MB. */
export function ownMemory(): number {
  return sizeOf(process.pid, 'Anonymous');
}

function sizeOf(pid: number, kind: string): number {
  const rollup = ofProcess(pid, 'smaps_rollup');
  const [, kilobytes] = new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(rollup) ?? [];
  return (Number(kilobytes ?? 0) * 1024) / 1_000_000;
}

/** Processes of one worker's clusters, by what they are. */
export interface Processes {
  readonly servers: readonly number[];
  /** What Docker itself runs for each container: its shim, and the proxies of its ports. */
  readonly engine: readonly number[];
}

/** @param session the worker's */
export async function localProcesses(session: string): Promise<Processes> {
  const deadline = Deadline.in(10_000);
  const found = everyRoot().map((root) => processesIn(join(root, session), deadline));
  return { servers: (await Promise.all(found)).flat(), engine: [] };
}

/** @param session the worker's */
export async function containerProcesses(session: string): Promise<Processes> {
  const docker = new Docker();
  const label = [`jest-environment-pg-cluster.session=${session}`];
  const containers = await docker.listContainers({ filters: { label } });
  const tops = await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).top()));
  const servers = tops.flatMap(({ Titles, Processes }) =>
    Processes.map((row: string[]) => Number(row[Titles.indexOf('PID')])),
  );
  const marks = containers.flatMap(({ Id, NetworkSettings }) => [
    Id,
    ...Object.values(NetworkSettings.Networks).map(
      ({ IPAddress }) => `-container-ip ${IPAddress} `,
    ),
  ]);
  const engine = processesWith((command) => marks.some((mark) => command.includes(mark)));
  return { servers, engine };
}

/** A process's children whose command line names this script. */
export function childrenOf(parent: number, script: string): number[] {
  return processesWith(
    (command, pid) =>
      command.includes(script) &&
      new RegExp(`^PPid:\\s+${parent}$`, 'm').test(ofProcess(pid, 'status')),
  );
}

function processesWith(matches: (command: string, pid: number) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => matches(ofProcess(pid, 'cmdline').replaceAll('\0', ' '), pid));
}

/** Empty if the process has ended. */
function ofProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
