import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deadline, poll, seenAs } from '../../src/base/deadline';
import { freePort } from '../../src/base/machine/ports';
import { aptInstall, isDebianRoot, systemEnv } from './debian';
import { sayLoudly } from './report';

/** An SSH server on loopback with keys of its own, and an agent that knows the user's. */
export class Sshd {
  readonly #folder: string;
  readonly #port: number;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(): Promise<Sshd> {
    if (!isDebianRoot()) throw new Error('this test runs an SSH server: it needs Debian, and root');
    if (!existsSync('/usr/sbin/sshd')) {
      sayLoudly('installing Debian package openssh-server');
      await aptInstall(['openssh-server', 'openssh-client']);
    }
    const sshd = new Sshd(await mkdtemp(join(tmpdir(), 'pgc-ssh-')), await freePort());
    try {
      await sshd.#start();
    } catch (error) {
      await sshd.end();
      throw error;
    }
    return sshd;
  }

  /** What leads to the engine by way of it. */
  get env(): { DOCKER_HOST: string; SSH_AUTH_SOCK: string } {
    return {
      DOCKER_HOST: `ssh://root@127.0.0.1:${this.#port}`,
      SSH_AUTH_SOCK: join(this.#folder, 'agent'),
    };
  }

  async end(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const at = (name: string) => join(this.#folder, name);
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
    }
    const settings = {
      Port: this.#port,
      ListenAddress: '127.0.0.1',
      HostKey: at('host'),
      AuthorizedKeysFile: at('user.pub'),
      PidFile: at('pid'),
      StrictModes: 'no',
      UsePAM: 'no',
      PasswordAuthentication: 'no',
      PermitRootLogin: 'prohibit-password',
      // Each request is a connection of its own.
      MaxStartups: 100,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    await writeFile(at('config'), lines.join(''));
    await mkdir('/run/sshd', { recursive: true });
    this.#run('/usr/sbin/sshd', '-D', '-f', at('config'), '-E', at('log'));
    this.#run('ssh-agent', '-D', '-a', at('agent'));
    await this.#until('the SSH agent to listen', async () => existsSync(at('agent')));
    const env = { ...systemEnv(), SSH_AUTH_SOCK: at('agent') };
    execFileSync('ssh-add', ['-q', at('user')], { env, stdio: 'pipe' });
    await this.#until('sshd to listen', () => this.#listens());
  }

  #run(command: string, ...args: string[]): void {
    this.#processes.push(spawn(command, args, { env: systemEnv(), stdio: 'ignore' }));
  }

  #until(what: string, look: () => Promise<boolean>): Promise<void> {
    return poll({
      deadline: Deadline.in(10_000),
      what,
      intervalMs: 20,
      look: async () => {
        try {
          return (await look()) ? { done: undefined } : { seen: 'not yet' };
        } catch (error) {
          return seenAs(error);
        }
      },
    });
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', reject);
    });
  }
}
