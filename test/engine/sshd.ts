import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deadline, poll, seenAs } from '../../src/base/deadline';
import { freePort } from '../../src/base/machine/ports';
import { aptInstall, isDebianRoot, systemEnv } from './debian';
import { sayLoudly } from './report';

/** Where an ssh server is, what runs it there, and what its sessions find in their environment. */
interface Place {
  readonly ip: string;
  readonly via: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * An SSH server with keys of its own, an agent that knows the user's, and an `ssh` that reads a
 * configuration of its own: the system's looks into the home directory of the account, whatever HOME
 * says.
 */
export class Sshd {
  readonly #folder: string;
  readonly #port: number;
  readonly #place: Place;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string, port: number, place: Place) {
    this.#folder = folder;
    this.#port = port;
    this.#place = place;
  }

  static async start(place: Place): Promise<Sshd> {
    if (!isDebianRoot()) throw new Error('this test runs an SSH server: it needs Debian, and root');
    if (!existsSync('/usr/sbin/sshd')) {
      sayLoudly('installing Debian package openssh-server');
      await aptInstall(['openssh-server', 'openssh-client']);
    }
    const sshd = new Sshd(await mkdtemp(join(tmpdir(), 'pgc-ssh-')), await freePort(), place);
    try {
      await sshd.#start();
    } catch (error) {
      await sshd.end();
      throw error;
    }
    return sshd;
  }

  /** For DOCKER_HOST: its name is in the configuration only. */
  get host(): string {
    return 'ssh://other-machine';
  }

  /** What leads to the engine by way of it. */
  get env(): Record<string, string> {
    return {
      DOCKER_HOST: this.host,
      SSH_AUTH_SOCK: join(this.#folder, 'agent'),
      PATH: `${join(this.#folder, 'bin')}:${process.env.PATH}`,
    };
  }

  /** Whether the host is known by its own key (by default), by another one, or not at all. */
  know(which: 'host' | 'user' | undefined): void {
    const key = which && readFileSync(join(this.#folder, `${which}.pub`), 'utf8');
    const known = key === undefined ? '' : `[${this.#place.ip}]:${this.#port} ${key}`;
    writeFileSync(join(this.#folder, 'known'), known);
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
      ListenAddress: this.#place.ip,
      HostKey: at('host'),
      AuthorizedKeysFile: at('user.pub'),
      PidFile: at('pid'),
      StrictModes: 'no',
      UsePAM: 'no',
      PasswordAuthentication: 'no',
      PermitRootLogin: 'prohibit-password',
      // Fewer than a cluster asks for at once.
      MaxSessions: 3,
      SetEnv: Object.entries(this.#place.env)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    await writeFile(at('config'), lines.join(''));
    await mkdir('/run/sshd', { recursive: true });
    this.#makeClient();
    const [program = '', ...args] = [...this.#place.via, '/usr/sbin/sshd'];
    this.#run(program, ...args, '-D', '-f', at('config'), '-E', at('log'));
    this.#run('ssh-agent', '-D', '-a', at('agent'));
    await this.#until('the SSH agent to listen', async () => existsSync(at('agent')));
    const env = { ...systemEnv(), SSH_AUTH_SOCK: at('agent') };
    execFileSync('ssh-add', ['-q', at('user')], { env, stdio: 'pipe' });
    await this.#until('sshd to listen', () => this.#listens());
  }

  #makeClient(): void {
    const at = (name: string) => join(this.#folder, name);
    const settings = {
      HostName: this.#place.ip,
      Port: this.#port,
      User: 'root',
      UserKnownHostsFile: at('known'),
      GlobalKnownHostsFile: '/dev/null',
    };
    const lines = Object.entries(settings).map(([name, value]) => `  ${name} ${value}\n`);
    writeFileSync(at('client'), `Host other-machine\n${lines.join('')}`);
    mkdirSync(at('bin'));
    const script = `#!/bin/sh\nexec /usr/bin/ssh -F ${at('client')} "$@"\n`;
    writeFileSync(at('bin/ssh'), script, { mode: 0o755 });
    this.know('host');
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
      const socket = connect(this.#port, this.#place.ip, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', reject);
    });
  }
}
