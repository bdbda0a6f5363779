import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { newId } from '../../src/base/new-id';
import { systemEnv } from './debian';
import { endProcesses } from './end-processes';
import { isOfDead, markOf } from './mark-of-maker';
import { sayLoudly } from './report';

/**
 * In a mount namespace of its own: machines without udev keep /dev/net/tun for root, and what is left
 * in memory (Podman's locks) goes with it.
 */
const serve = `mount --bind "$1/tun" /dev/net/tun && mount -t tmpfs tmpfs /dev/shm || exit
mount --make-rshared / || exit
folder=$1 user=$2
shift 2
exec setpriv --reuid "$user" --regid "$user" --init-groups --reset-env env PATH="$PATH" \
  HOME="$folder/home" XDG_RUNTIME_DIR="$folder/run" TMPDIR="$folder/tmp" "$@"`;

/** A user of this machine, made for an engine that runs without root. All that has it is that engine's. */
export class OwnUser {
  readonly name: string;
  /** Everybody may see it. In it are the user's `home`, `run` and `tmp`, and the `log`. */
  readonly folder: string;

  private constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  /** @param files those of its home, by their paths there */
  static async create(files: Readonly<Record<string, string>> = {}): Promise<OwnUser> {
    // Short, since the paths of sockets are in it.
    const folder = await mkdtemp(join(tmpdir(), 'pgc-u-'));
    chmodSync(folder, 0o755);
    const user = new OwnUser(`pgc-${newId().slice(0, 8)}`, folder);
    const home = ['--no-create-home', '--home-dir', join(folder, 'home')];
    run('useradd', ...home, '--comment', markOf(process.pid), user.name);
    run('mknod', join(folder, 'tun'), 'c', '10', '200');
    for (const name of ['home', 'run', 'tmp']) await mkdir(join(folder, name));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(join(folder, 'home', dirname(path)), { recursive: true });
      await writeFile(join(folder, 'home', path), content);
    }
    run('chown', '-R', `${user.name}:`, folder);
    chmodSync(join(folder, 'run'), 0o700);
    return user;
  }

  /** Ends and removes those whose maker has been killed. */
  static async removeLeftOnes(): Promise<void> {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name = '', , , , mark = '', home = ''] = line.split(':');
      const folder = dirname(home);
      const isOne = /^pgc-[0-9a-f]{8}$/.test(name) && basename(folder).startsWith('pgc-u-');
      if (!isOne || !isOfDead(mark)) continue;
      sayLoudly(`ending what a run that was killed has left: the processes of ${name}, ${folder}`);
      await new OwnUser(name, folder).remove();
    }
  }

  /** Runs a command as this user. */
  spawn(...command: string[]): ChildProcess {
    const log = openSync(join(this.folder, 'log'), 'a');
    const args = ['--mount', 'sh', '-c', serve, 'sh', this.folder, this.name, ...command];
    const child = spawn('unshare', args, {
      cwd: this.folder,
      env: systemEnv(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return child;
  }

  /** The last that its processes have said. */
  logEnd(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8').trim().split('\n').slice(-15).join('\n');
  }

  /** Ends all that has it, and removes it. */
  async remove(): Promise<void> {
    const isIts = this.#users();
    await endProcesses(`the processes of ${this.name}`, (pid) => {
      try {
        return isIts(statSync(`/proc/${pid}`).uid);
      } catch {
        return false;
      }
    });
    await rm(this.folder, { recursive: true, force: true });
    // Last, since the next run looks for users.
    run('userdel', '--force', this.name);
  }

  /** It, and its subordinate users. */
  #users(): (uid: number) => boolean {
    const own = Number(execFileSync('id', ['--user', this.name], { encoding: 'utf8' }));
    const [, first = own, count = 0] =
      readFileSync('/etc/subuid', 'utf8').match(new RegExp(`^${this.name}:(\\d+):(\\d+)$`, 'm')) ??
      [];
    return (uid) => uid === own || (uid >= Number(first) && uid < Number(first) + Number(count));
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { env: systemEnv(), stdio: 'pipe' });
}
