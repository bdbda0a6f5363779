import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Deadline } from '../../../src/base/deadline';
import { notedOwner } from '../../../src/cleanup/owner-note';
import { label } from '../../../src/engine/docker/image/labels';
import { processesIn } from '../../../src/engine/local/system/processes-in';
import { figure } from '../../engine/figures';
import { until } from '../../support/until';
import type { DockerEvents } from './docker-events';

/** What belongs to one run: others work on this machine and with this engine at the same time. */
export interface Belongings {
  /** `NAME=value`, in the environment of all its processes. */
  readonly marker: string;
  /** Its processes, as the label `owner` names them. */
  readonly owners: () => ReadonlySet<string>;
  readonly events: DockerEvents;
}

interface Leftover {
  readonly what: string;
  readonly remove: () => Promise<unknown>;
}

const docker = new Docker();
/** A busy machine may need long for it. */
const patienceMs = 30_000;
const usuallyMs = 5000;

/** The markers of runs that were found to have left nothing. */
const clean = new Set<string>();
export const isKnownToBeClean = (run: Belongings): boolean => clean.has(run.marker);

/**
 * Gives a run that has ended 30 s to be gone altogether: processes, containers, networks, volumes.
 * What is left then is removed, so that it disturbs no other test.
 *
 * @throws with everything that was left
 */
export async function expectNothingLeft(run: Belongings): Promise<void> {
  let left: Leftover[] = [];
  const began = performance.now();
  try {
    await until(
      'nothing to be left',
      async () => {
        left = await leftovers(run);
        return left.length === 0;
      },
      patienceMs,
    );
    clean.add(run.marker);
    figure(
      'runs that took more than 5 s to be gone',
      performance.now() - began > usuallyMs ? 1 : 0,
    );
  } catch {
    const all = await leftovers(run, true);
    if (all.length > 0) left = all;
    figure('things left 30 s after the end of a run', left.length);
    const found = left.map(({ what }) => `  ${what}`).join('\n');
    // A process may be making more: it is the first in the list.
    for (const { remove } of left) await remove().catch(() => {});
    throw new Error(`${patienceMs} ms after the end of Jest there still was:\n${found}`);
  }
}

async function leftovers(run: Belongings, isLastLook = false): Promise<Leftover[]> {
  const processes = processesOf(run.marker).map((pid) => ({
    what: `process ${pid}: ${commandLine(pid)}`,
    remove: async () => process.kill(pid, 'SIGKILL'),
  }));
  // The engine need not be asked as well, as long as they are at work.
  if (processes.length > 0 && !isLastLook) return processes;
  const owners = run.owners();
  const filters = { label: [label.owner] };
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes(),
    run.events.catchUp(),
  ]);
  const had = run.events.volumesOf(owners);
  const directories = sessionDirectories(owners);
  const servers = await Promise.all(
    directories.map((path) => processesIn(path, Deadline.in(patienceMs))),
  );
  return [
    ...[...servers.flat(), ...homelessServers()].map((pid) => ({
      what: `server process ${pid}: ${commandLine(pid)}`,
      remove: async () => process.kill(pid, 'SIGKILL'),
    })),
    ...directories.map((path) => ({
      what: `directory ${path}`,
      remove: () => rm(path, { recursive: true, force: true }),
    })),
    ...processes,
    ...containers
      .filter(({ Labels }) => owners.has(Labels[label.owner] ?? ''))
      .map(({ Id, Names, Status }) => ({
        what: `container ${Names.join()} (${Status})`,
        remove: () => docker.getContainer(Id).remove({ force: true, v: true }),
      })),
    ...networks
      .filter(({ Labels }) => owners.has(Labels?.[label.owner] ?? ''))
      .map(({ Id, Name }) => ({
        what: `network ${Name}`,
        remove: () => docker.getNetwork(Id).remove(),
      })),
    ...volumes.Volumes.filter(({ Name }) => had.has(Name)).map(({ Name }) => ({
      what: `volume ${Name}`,
      remove: () => docker.getVolume(Name).remove(),
    })),
  ];
}

/**
 * Of the local engine, whoever ran it. What servers have used is never there without the directory
 * that tells its owner; if it is, it is left of anybody.
 */
function sessionDirectories(owners: ReadonlySet<string>): string[] {
  return ['/dev/shm', tmpdir()].flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith('jest-environment-pg-cluster-'))
      .flatMap((name) => readdirSync(join(parent, name)).map((session) => ({ name, session })))
      .filter(({ name, session }) => {
        const noted = join(parent, name.replace(/-as-\d+$/, ''), session);
        const owner = notedOwner(noted);
        return owner === undefined ? /-as-\d+$/.test(name) : owners.has(owner);
      })
      .map(({ name, session }) => join(parent, name, session)),
  );
}

/**
 * Servers whose directory was removed under them, whoever ran them: a removal ends all processes
 * before, so that there are none at any time.
 */
function homelessServers(): number[] {
  return processIds().filter((pid) =>
    /\/jest-environment-pg-cluster-.* \(deleted\)$/.test(currentDirectory(pid)),
  );
}

function currentDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** The process that clears up behind this one, found by its parent and its command line. */
export function reaperOf(owner: number): number {
  const found = processIds().find(
    (pid) =>
      commandLine(pid).includes('/dist/reaper.js ') &&
      procFile(pid, 'status').includes(`\nPPid:\t${owner}\n`),
  );
  if (found === undefined) throw new Error(`process ${owner} has no reaper`);
  return found;
}

/** Processes with this in their command line. */
export function processesNamed(text: string): number[] {
  return processIds().filter((pid) => commandLine(pid).includes(text));
}

function processesOf(marker: string): number[] {
  return processIds().filter((pid) => procFile(pid, 'environ').split('\0').includes(marker));
}

function processIds(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

function commandLine(pid: number): string {
  return procFile(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** Empty when the process has ended meanwhile, or is none of ours to look into. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
