import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Deadline } from '../../base/deadline';
import { messageOf, PgClusterError } from '../../base/errors';
import { availableMemory } from '../../base/machine/available-memory';
import type { Diagnosis, Fact, HowToDiagnose, Limit, Tried } from '../diagnosis';
import { cachePlace, dataPlace, memory, serversParts } from './directories/roots';
import { limitsHere } from './limits';
import type { LocalOptions } from './local-options';
import { type Binaries, findBinaries, howToGet, lookAt } from './programs/find-programs';
import { otherPlaces, type ProgramPlace, programPlaces } from './programs/program-places';
import { unusable, whyNotRunnable } from './programs/runnable-programs';
import { keptEntries } from './programs/unused-entries';
import { roomIn } from './system/free-space';
import type { ServerUser } from './system/server-user';
import { requireSystem, whoRunsServers } from './system/who-runs-servers';

/** What `LocalEngine` would find out before it makes anything. */
export async function diagnose(o: LocalOptions, { deadline }: HowToDiagnose): Promise<Diagnosis> {
  const problems: string[] = [];
  /** What fails there is a problem, and the first of them is what a start would tell. */
  const step = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(firstLineOf(error));
      return undefined;
    }
  };
  await step(requireSystem);
  if (problems.length > 0) return notHere(problems[0]);
  const user = await step(() => whoRunsServers(deadline));
  const cache = cachePlace(o.cacheDir).directory;
  await step(() => requireWritable(cache));
  const binaries = await step(() => findBinaries(o, deadline));
  const why = user && binaries && (await whyNotRunnable(binaries.directory, user, deadline));
  if (user && binaries && !binaries.package && why) {
    await step(() => Promise.reject(unusable(binaries.directory, user, why)));
  }
  const places = { nodes: o.slaves.length + 1, cache };
  const [tried, limits] = await Promise.all([
    lookEverywhere(o, binaries, deadline),
    step(() => limitsHere({ nodes: places.nodes, user }, deadline)),
  ]);
  return {
    opens: true,
    problem: problems[0],
    tried,
    facts: [...programFacts(binaries, user, why), ...placeFacts(places)],
    limits: [...problems.slice(1).map((what): Limit => ({ what, help: '' })), ...(limits ?? [])],
    kept: keptEntries([cache, ...serversParts(cache)]),
  };
}

/** Where it looked is told place by place. */
function firstLineOf(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : messageOf(error)).split('\n');
  return first.replace(/\. Looked in:$/, '');
}

function shortly(problem: string): string {
  return problem.startsWith('ENOENT') ? 'they are not there' : problem;
}

function notHere(problem: string | undefined): Diagnosis {
  return { opens: false, problem, tried: [], facts: [], limits: [], kept: [] };
}

async function lookEverywhere(
  o: LocalOptions,
  taken: Binaries | undefined,
  deadline: Deadline,
): Promise<Tried[]> {
  const look = async (place: ProgramPlace, isAuto: boolean): Promise<Tried> => {
    const { name, directory } = place;
    const found = await lookAt(place, isAuto ? o.version : undefined, deadline);
    const seen = { name, where: directory, isAuto };
    if ('problem' in found) {
      const help = found.major === undefined ? toGet(place, o) : toUse(place, found.major);
      return { ...seen, works: false, isTaken: false, said: shortly(found.problem), help };
    }
    const isTaken = isAuto && taken?.directory === directory;
    const help = isTaken ? undefined : toUse(place, found.major, isAuto);
    return { ...seen, works: true, isTaken, said: found.versionText, help };
  };
  return Promise.all([
    ...programPlaces(o).map((place) => look(place, true)),
    ...otherPlaces(o).map((place) => look(place, false)),
  ]);
}

function toGet({ name }: ProgramPlace, { version = 0, binDir }: LocalOptions): string {
  if (binDir) return 'binDir has to be a folder with the programs initdb and postgres';
  return name === 'npm package' ? howToGet(version) : `install PostgreSQL ${version} there`;
}

function toUse({ name, directory }: ProgramPlace, major: number, isAuto = false): string {
  if (name === 'installed' || name === 'npm package') {
    return isAuto ? `to use it: binDir: '${directory}'` : `to use it: version: ${major}`;
  }
  return `to use it: binDir: '${directory}'`;
}

function programFacts(
  binaries: Binaries | undefined,
  user: ServerUser | undefined,
  why: string | undefined,
): Fact[] {
  const runsAs = user && (user.namedBy ? `${user.name}, in a user namespace` : user.name);
  const copied = binaries?.package !== undefined && why !== undefined;
  return [
    { key: 'programs', label: 'programs', value: binaries?.directory ?? null },
    { key: 'version', label: 'version', value: binaries?.versionText ?? null },
    { key: 'serversRunAs', label: 'servers run as', value: runsAs ?? null },
    ...(copied
      ? [{ key: 'copiedSince', label: 'programs are run from a copy, since', value: why }]
      : []),
  ];
}

function placeFacts({ nodes, cache }: { nodes: number; cache: string }): Fact[] {
  const data = dataPlace(nodes);
  return [
    { key: 'memoryAvailableBytes', label: 'memory available', value: finite(availableMemory()) },
    { key: 'dataDirectory', label: 'data are in', value: data },
    { key: 'dataAreInMemory', label: 'which is memory', value: data === memory },
    { key: 'dataFreeBytes', label: 'free there', value: finite(roomIn(data)) },
    { key: 'cacheDirectory', label: 'templates are in', value: cache },
    { key: 'cacheFreeBytes', label: 'free there', value: finite(roomIn(existing(cache))) },
  ];
}

/** macOS does not tell how much memory is available. */
function finite(bytes: number): number | null {
  return Number.isFinite(bytes) ? bytes : null;
}

/** The directory itself, or the one in which it would be made. */
function existing(directory: string): string {
  return existsSync(directory) ? directory : existing(dirname(directory));
}

function requireWritable(cache: string): void {
  const place = existing(cache);
  try {
    accessSync(place, constants.W_OK);
  } catch (error) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `the cache directory ${cache} cannot be used: ${messageOf(error)}; set PG_CLUSTER_CACHE_DIR, or the option cacheDir, to one that can be written to`,
      { cause: error },
    );
  }
}
