import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
} from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Deadline, poll } from '../../src/base/deadline';
import { systemEnv } from './debian';
import { endProcessesOf } from './end-processes';
import { isOfDead, markOf } from './mark-of-maker';
import { need, ready, removeContainers, type StartEngine } from './other-engine';
import { OwnNetwork } from './own-network';
import { OwnUser } from './own-user';
import { sayLoudly } from './report';

const packages = ['podman', 'uidmap', 'slirp4netns', 'netavark', 'aardvark-dns', 'iptables'];
const programs = ['podman', 'newuidmap', 'slirp4netns', 'netavark', 'aardvark-dns', 'iptables'];

/** A Podman service without root, of a user made for it. */
export const startRootlessPodman: StartEngine = async (from, images) => {
  await need(programs, packages);
  await OwnUser.removeLeftOnes();
  const user = await OwnUser.create({
    '.config/containers/storage.conf': '[storage]\ndriver = "overlay"\n',
  });
  const socketPath = join(user.folder, 'podman.sock');
  const service = user.spawn('podman', ...serviceAt(socketPath));
  const docker = new Docker({ socketPath });
  const end = async () => {
    await removeContainers(docker);
    service.kill('SIGTERM');
    await user.remove();
  };
  const engine = { docker, host: `unix://${socketPath}`, via: [], end };
  const log = () => user.logEnd();
  return ready('rootless Podman', { engine, process: service, log, from, images });
};

/** Where every Podman of root keeps locks, caches, and what its networks are: it gets its own. */
const ownPlaces = `folder=$1
shift
for place in /dev/shm /run/containers /var/lib/containers; do
  mkdir -p $place && mount -t tmpfs "$folder" $place || exit
done
exec "$@"`;

/** A Podman service with root, in a network of its own: what it is told there is gone with it. */
export const startRootfulPodman: StartEngine = async (from, images) => {
  await need(programs, packages);
  await removeLeftRootfulOnes();
  // Short, since the paths of sockets are in it.
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const at = (name: string) => join(folder, name);
  await writeFile(at(makerFile), markOf(process.pid));
  // No systemd is asked for anything.
  const settings = [
    '[engine]',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    `runtime = "${at('runc')}"`,
    '[network]',
    'network_backend = "netavark"',
  ];
  await writeFile(at('runc'), runtime(), { mode: 0o755 });
  await writeFile(at('containers.conf'), `${settings.join('\n')}\n`);
  const storage = [
    '[storage]',
    'driver = "overlay"',
    `graphroot = "${at('root')}"`,
    `runroot = "${at('run')}"`,
  ];
  await writeFile(at('storage.conf'), `${storage.join('\n')}\n`);
  const network = await OwnNetwork.create();
  // What is built installs packages.
  await network.connect();
  const places = ['--tmpdir', at('tmp'), '--network-config-dir', at('networks')];
  const out = openSync(at('log'), 'a');
  const podman = ['podman', ...places, ...serviceAt(at('podman.sock'))];
  const command = ['unshare', '--mount', 'sh', '-c', ownPlaces, 'sh', folder, ...podman];
  const [program = '', ...args] = [...network.via, ...command];
  const service = spawn(program, args, {
    env: {
      ...systemEnv(),
      CONTAINERS_CONF: at('containers.conf'),
      CONTAINERS_STORAGE_CONF: at('storage.conf'),
    },
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  const docker = new Docker({ socketPath: at('podman.sock') });
  const end = async () => {
    await removeContainers(docker);
    service.kill('SIGTERM');
    await poll({
      deadline: Deadline.in(20_000),
      what: 'Podman to end',
      intervalMs: 50,
      look: async () =>
        service.exitCode !== null || service.signalCode !== null
          ? { done: undefined }
          : { seen: 'it runs' },
    });
    network.end();
    await removeAllOf(folder);
  };
  const engine = { docker, host: `unix://${at('podman.sock')}`, via: network.via, end };
  const log = () => readFileSync(at('log'), 'utf8').trim().split('\n').slice(-15).join('\n');
  return ready('rootful Podman', { engine, process: service, log, from, images });
};

const prefix = 'pgc-r-';
/** In its folder; see mark-of-maker.ts. */
const makerFile = 'maker';

/** Ends and removes those whose maker has been killed. Only root can have made their folders. */
async function removeLeftRootfulOnes(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(prefix) || !isOfRootAlone(folder)) continue;
    const mark = await readFile(join(folder, makerFile), 'utf8').catch(() => '');
    if (!isOfDead(mark)) continue;
    sayLoudly(`ending what a run that was killed has left: the Podman of ${folder}`);
    await removeAllOf(folder);
  }
}

function isOfRootAlone(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === 0 && (stat.mode & 0o077) === 0;
}

/** Its containers, those that watch them and its DNS do not end with it. */
async function removeAllOf(folder: string): Promise<void> {
  await endProcessesOf(folder);
  const containers = join(folder, 'root', 'overlay-containers');
  removeGroups(existsSync(containers) ? readdirSync(containers) : []);
  await rm(folder, { recursive: true, force: true });
}

/** The cgroups that it has made; those of another Podman are of other containers, or not empty. */
function removeGroups(containers: readonly string[]): void {
  const its = containers.flatMap((id) => [`libpod-${id}`, `libpod-conmon-${id}`]);
  for (const hierarchy of ['.', ...readdirSync('/sys/fs/cgroup')]) {
    for (const group of [...its, 'conmon', '.']) {
      try {
        rmdirSync(join('/sys/fs/cgroup', hierarchy, 'libpod_parent', group));
      } catch {
        // It is not there, or in use.
      }
    }
  }
}

function serviceAt(socketPath: string): string[] {
  return ['system', 'service', '--time=0', `unix://${socketPath}`];
}

/**
 * Gives containers no more files and processes than we may have: Podman gives them more, which root
 * cannot without CAP_SYS_RESOURCE.
 */
function runtime(): string {
  const options = ['--nofile', '--nproc', '--noheadings', '--output', 'HARD'];
  const hard = execFileSync('prlimit', options, { env: systemEnv(), encoding: 'utf8' });
  const [files, processes] = hard.trim().split(/\s+/);
  return `#!/bin/sh
for given; do
  case $before in
    --bundle | -b) file=$given/config.json ;;
    --process | -p) file=$given ;;
  esac
  before=$given
done
[ -z "$file" ] || sed -i -E \\
  's/("(hard|soft)": ?)1048576\\b/\\1${files}/g; s/("(hard|soft)": ?)4194304\\b/\\1${processes}/g' "$file"
exec runc "$@"
`;
}
