import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Deadline, poll } from '../../src/base/deadline';
import { codeOf, messageOf } from '../../src/base/errors';
import { newId } from '../../src/base/new-id';
import { copyImages } from './copy-image';
import { aptInstall, isDebianRoot, systemEnv } from './debian';
import { pingFailure } from './dockerd-process';
import { sayLoudly, step } from './report';

const packages = ['podman', 'uidmap', 'slirp4netns', 'netavark', 'aardvark-dns', 'iptables'];

/** In a mount namespace of its own: machines without udev keep /dev/net/tun for root. */
const serve = `mount --bind "$1/tun" /dev/net/tun && mount --make-rshared / || exit
exec setpriv --reuid "$2" --regid "$2" --init-groups --reset-env env PATH="$PATH" HOME="$1/home" \
  XDG_RUNTIME_DIR="$1/run" podman system service --time=0 "unix://$1/podman.sock"`;

/** A Podman service without root, of a user made for it, that shares nothing with other engines. */
export class RootlessPodman {
  readonly docker: Docker;
  /** For DOCKER_HOST. */
  readonly host: string;
  readonly #folder: string;
  readonly #user: string;
  readonly #service: ChildProcess;

  private constructor(folder: string, user: string) {
    this.#folder = folder;
    this.#user = user;
    this.host = `unix://${folder}/podman.sock`;
    this.docker = new Docker({ socketPath: join(folder, 'podman.sock') });
    const log = openSync(join(folder, 'log'), 'a');
    this.#service = spawn('unshare', ['--mount', 'sh', '-c', serve, 'sh', folder, user], {
      cwd: folder,
      env: systemEnv(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
  }

  /** One that has a single image, of another engine. */
  static async start(from: Docker, image: string): Promise<RootlessPodman> {
    if (!isDebianRoot()) {
      throw new Error(
        'this test runs a Podman of its own: only on Debian, as root, do we install it',
      );
    }
    if (['podman', 'newuidmap', 'slirp4netns'].some((name) => !existsSync(`/usr/bin/${name}`))) {
      sayLoudly(`installing Debian packages ${packages.join(', ')}`);
      await aptInstall(packages);
    }
    // Short, since the paths of sockets are in it.
    const folder = await mkdtemp(join(tmpdir(), 'pgc-p-'));
    chmodSync(folder, 0o755);
    const user = `pgc-${newId().slice(0, 8)}`;
    run('useradd', '--no-create-home', '--home-dir', join(folder, 'home'), user);
    run('mknod', join(folder, 'tun'), 'c', '10', '200');
    for (const name of ['home/.config/containers', 'run']) {
      await mkdir(join(folder, name), { recursive: true });
    }
    await writeFile(
      join(folder, 'home/.config/containers/storage.conf'),
      '[storage]\ndriver = "overlay"\n',
    );
    run('chown', '-R', `${user}:`, folder);
    chmodSync(join(folder, 'run'), 0o700);
    const podman = new RootlessPodman(folder, user);
    try {
      await step('podman start', () => podman.#untilItAnswers());
      await step(`${image} into podman`, () => copyImages(from, podman.docker, [image]));
    } catch (error) {
      const log = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').slice(-15);
      await podman.end();
      throw new Error(`podman did not start: ${messageOf(error)}\n${log.join('\n')}`);
    }
    return podman;
  }

  /** Ends it and all that it has started, and removes all that was made for it. */
  async end(): Promise<void> {
    const containers = await this.docker.listContainers({ all: true }).catch(() => []);
    for (const { Id } of containers) {
      // A test's own failure has left it, and must stay the one that is told.
      await this.docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => undefined);
    }
    this.#service.kill('SIGTERM');
    await poll({
      deadline: Deadline.in(20_000),
      what: `the processes of ${this.#user} to end`,
      intervalMs: 50,
      look: async () => {
        const pids = await this.#processes();
        // All are the service's own: nobody else has this user.
        for (const pid of pids) kill(pid);
        return pids.length === 0 ? { done: undefined } : { seen: pids.join(', ') };
      },
    });
    run('userdel', '--force', this.#user);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilItAnswers(): Promise<void> {
    await poll({
      deadline: Deadline.in(30_000),
      what: 'podman to answer',
      intervalMs: 50,
      look: async () => {
        if (this.#service.exitCode !== null) throw new Error('it ended');
        const failure = await pingFailure(this.docker);
        return failure === undefined ? { done: undefined } : { seen: failure };
      },
    });
  }

  async #processes(): Promise<number[]> {
    const uid = statSync(join(this.#folder, 'home')).uid;
    const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    return all.map(Number).filter((pid) => {
      try {
        // One that has ended, but whose parent does not ask for it, is no matter.
        const hasEnded = /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        return !hasEnded && statSync(`/proc/${pid}`).uid === uid;
      } catch {
        return false;
      }
    });
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { env: systemEnv(), stdio: 'pipe' });
}

/** It may end by itself at the same moment. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
