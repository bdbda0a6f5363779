import { statfsSync } from 'node:fs';
import type Docker from 'dockerode';
import { type Deadline, within } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import type { Diagnosis, Fact, HowToDiagnose, Limit } from '../diagnosis';
import { call, statusOf } from './client/api-call';
import { lookForEngines } from './client/look-for-engines';
import { ownContainer } from './client/own-container';
import { chooseDial } from './dial/choose-dial';
import type { DockerOptions } from './docker-options';
import { inspectImage } from './image/base-image';
import { keptImages } from './image/kept-images';

/** Asks at every address at the same time, and the engine that would be taken about itself. */
export async function diagnose(
  o: DockerOptions,
  { answerMs, deadline }: HowToDiagnose,
): Promise<Diagnosis> {
  const { tried, taken, refusal } = await lookForEngines(
    { answerMs, hosts: o.dockerHosts },
    deadline,
  );
  if (!taken) {
    const problem = messageOf(refusal?.cause ?? refusal);
    return { opens: false, problem, tried, facts: [], limits: [], kept: [] };
  }
  const { docker } = taken;
  const isHere = taken.address.socketPath !== undefined;
  const unanswered: string[] = [];
  // What one answer lacks does not take the others away.
  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      unanswered.push(messageOf(error));
      return undefined;
    }
  };
  const choose = async () => {
    const own = await ownContainer(docker, deadline);
    return chooseDial(docker, { ...o, own, engine: taken.address, deadline });
  };
  const [facts, image, kept, choice] = await Promise.all([
    attempt(factsOf(docker, isHere, deadline)),
    attempt(baseImageOf(docker, o, deadline)),
    attempt(keptImages(docker, deadline)),
    attempt(choose()),
  ]);
  const silence =
    unanswered.length === 0
      ? undefined
      : `the engine answers a ping, but not what it is asked then (${unanswered[0]}); restart it, and look at its log`;
  const dial: Fact[] = choice?.dial
    ? [{ key: 'dial', label: 'servers are reached', value: choice.dial.how }]
    : [];
  return {
    opens: choice?.problem === undefined,
    problem: choice?.problem ?? silence,
    tried,
    facts: [...dial, ...(facts?.facts ?? []), ...(image ?? [])],
    limits: facts?.limits ?? [],
    kept: kept ?? [],
  };
}

/** Engines differ in what they tell; Podman says some of it in its own way. */
interface Info {
  readonly CgroupVersion?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly Driver?: string;
  readonly MemTotal?: number;
  readonly NCPU?: number;
  readonly DockerRootDir?: string;
  readonly OperatingSystem?: string;
}

async function factsOf(
  docker: Docker,
  isHere: boolean,
  deadline: Deadline,
): Promise<{ facts: Fact[]; limits: Limit[] }> {
  const info: Info = await call(deadline, 'ask the engine about itself', () => docker.info());
  const { CgroupVersion = '1', SecurityOptions, DockerRootDir: root, MemTotal } = info;
  const isRootless = (SecurityOptions ?? []).some((option) => option.includes('name=rootless'));
  const free = isHere && root ? freeIn(root) : undefined;
  const facts: Fact[] = [
    { key: 'system', label: 'system', value: info.OperatingSystem ?? null },
    { key: 'cgroupVersion', label: 'cgroup version', value: CgroupVersion },
    { key: 'rootless', label: 'rootless', value: isRootless },
    { key: 'storageDriver', label: 'storage', value: info.Driver ?? null },
    { key: 'cpus', label: 'CPUs', value: info.NCPU ?? null },
    { key: 'memoryBytes', label: 'memory for containers', value: MemTotal ?? null },
    { key: 'dataDirectory', label: 'data are in', value: root ?? null },
    { key: 'diskFreeBytes', label: 'disk free there', value: free ?? null },
  ];
  return { facts, limits: limitsOf({ isRootless, CgroupVersion, free, MemTotal }) };
}

const gigabyte = 2 ** 30;

function limitsOf(o: {
  isRootless: boolean;
  CgroupVersion: string;
  free: number | undefined;
  MemTotal: number | undefined;
}): Limit[] {
  const limits: Limit[] = [];
  if (o.isRootless && o.CgroupVersion === '1') {
    limits.push({
      what: 'without root and with cgroup v1 the engine cannot freeze containers: pause() stops the processes one by one',
      help: 'start the machine with cgroup v2 (systemd.unified_cgroup_hierarchy=1)',
    });
  }
  if (o.free !== undefined && o.free < gigabyte) {
    limits.push({
      what: 'less than 1 GB of disk is free, and images need that much',
      help: 'pg-cluster prune, docker system prune',
    });
  }
  if (o.MemTotal !== undefined && o.MemTotal > 0 && o.MemTotal < gigabyte) {
    limits.push({
      what: 'containers have less than 1 GB of memory',
      help: 'give the engine’s virtual machine more',
    });
  }
  return limits;
}

/** Undefined if this process cannot see it: it may be a virtual machine's. */
function freeIn(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

async function baseImageOf(docker: Docker, o: DockerOptions, deadline: Deadline): Promise<Fact[]> {
  const image = o.image ?? `postgres:${o.version}`;
  const isThere = await within(deadline, `the engine to look for ${image}`, () =>
    inspectImage(docker, image).then(
      () => true,
      (error: unknown) => {
        if (statusOf(error) === 404) return false;
        throw error;
      },
    ),
  );
  return [
    { key: 'baseImage', label: 'base image', value: image },
    { key: 'baseImageIsThere', label: 'need not be pulled', value: isThere },
  ];
}
