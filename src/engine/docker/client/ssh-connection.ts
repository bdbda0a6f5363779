import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Deadline, poll, within } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { privateDirectory } from '../../../base/machine/private-directory';
import { newId } from '../../../base/new-id';
import { dialStdio, type SshAddress, sshArguments, sshName } from './ssh-address';
import { SshStream } from './ssh-stream';

/** Whether programs can share a connection; on Windows ssh cannot. */
export const canShareSsh = process.platform !== 'win32';

const connectMs = 30_000;
/** How many characters of what ssh says are kept. */
const maxWords = 2000;
/**
 * How a connection that is there is told something: that needs nothing of the user's configuration,
 * and is of no use on another connection.
 */
const shared = (path: string) => ['-F', 'none', '-S', path, '-o', 'ProxyCommand=false'];

/**
 * This process's connection to a machine, which the user's own `ssh` makes. Logging in takes many
 * round trips, so all that goes there shares one connection where it can. It ends with this process,
 * however that ends: its own session there does nothing but wait for the end of its input.
 */
export class SshConnection {
  static readonly #ofProcess = new Map<string, SshConnection>();
  readonly #address: SshAddress;
  #master: Promise<Master> | undefined;
  /** Which ports of this machine lead to which ports of the other one's loopback address. */
  readonly #forwards = new Map<number, number>();

  static to(address: SshAddress): SshConnection {
    const key = JSON.stringify(address);
    const known = SshConnection.#ofProcess.get(key) ?? new SshConnection(address);
    SshConnection.#ofProcess.set(key, known);
    return known;
  }

  private constructor(address: SshAddress) {
    this.#address = address;
  }

  /** For people. */
  get where(): string {
    return sshName(this.#address);
  }

  /** Opens a stream to the engine's socket there. @throws what ssh has said */
  async stream(): Promise<Duplex> {
    const command = dialStdio(this.#address);
    if (!canShareSsh) {
      const alone = ['-o', 'ControlPath=none'];
      return new SshStream(run(sshArguments(this.#address, alone, command)));
    }
    const { path } = await this.#shared(Deadline.inBackground(connectMs));
    // A server takes only so many sessions on one connection (MaxSessions, 10 by default). Then ssh
    // logs in once more by itself.
    const sharing = ['-S', path, '-o', 'ControlMaster=no'];
    return new SshStream(run(sshArguments(this.#address, sharing, command)));
  }

  /**
   * From now on this port of ours leads to that port of the other machine's loopback address, and to
   * no other.
   * @throws `ERR_PG_CLUSTER_PORT_IN_USE`; `ERR_PG_CLUSTER_ENGINE` with what ssh has said
   */
  async forward(port: number, to: number, deadline: Deadline): Promise<void> {
    if (this.#forwards.get(port) === to) return;
    await this.cancel(port, deadline);
    await this.#tell('forward', port, to, deadline);
    this.#forwards.set(port, to);
  }

  /** This port of ours leads nowhere any more. */
  async cancel(port: number, deadline: Deadline): Promise<void> {
    const to = this.#forwards.get(port);
    if (to === undefined) return;
    this.#forwards.delete(port);
    await this.#tell('cancel', port, to, deadline);
  }

  /** What the connection's program has said of late. */
  async words(): Promise<string> {
    return (await this.#master?.catch(() => undefined))?.words() ?? '';
  }

  async #tell(what: 'forward' | 'cancel', port: number, to: number, by: Deadline): Promise<void> {
    const { path } = await this.#shared(by);
    const ports = ['-L', `127.0.0.1:${port}:127.0.0.1:${to}`];
    const child = run([...shared(path), '-O', what, ...ports, '--', this.#address.host]);
    const { code, words } = await within(by, `ssh to ${what} a port`, () => end(child)).finally(
      () => child.kill(),
    );
    if (code === 0) return;
    const isTaken = what === 'forward' && /listen|in use|forwarding failed/i.test(words);
    throw new PgClusterError(
      isTaken ? 'ERR_PG_CLUSTER_PORT_IN_USE' : 'ERR_PG_CLUSTER_ENGINE',
      `ssh to ${this.where} could not ${what} port ${port} of 127.0.0.1: ${words}`,
    );
  }

  /** The connection, which is made if there is none, or if the former one has ended. */
  async #shared(deadline: Deadline): Promise<Master> {
    const known = this.#master;
    if (known !== undefined) return within(deadline, `ssh to log in on ${this.where}`, () => known);
    const master = this.#logIn();
    this.#master = master;
    const forget = () => {
      if (this.#master === master) this.#master = undefined;
    };
    master.then(({ child }) => child.once('exit', forget), forget);
    const made = await within(deadline, `ssh to log in on ${this.where}`, () => master);
    // Those of the former one have ended with it.
    const lost = [...this.#forwards];
    await Promise.all(lost.map(([port, to]) => this.#tell('forward', port, to, deadline)));
    return made;
  }

  async #logIn(): Promise<Master> {
    // Not in TMPDIR, whose name may be too long for a socket's.
    const path = join(privateDirectory('/tmp'), `ssh-${newId()}`);
    const child = run(sshArguments(this.#address, ['-M', '-S', path], 'cat >/dev/null'));
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said = `${said}${text}`.slice(-maxWords);
    });
    const ended = end(child);
    const up = poll({
      deadline: Deadline.inBackground(connectMs),
      what: `ssh to log in on ${this.where}`,
      intervalMs: 5,
      look: async () => (existsSync(path) ? { done: true } : { seen: said.trim() }),
    });
    const failed = ended.then(({ code, words }) => {
      throw new Error(words || `ssh ended with ${code}`);
    });
    failed.catch(() => {});
    try {
      await Promise.race([up, failed]);
    } catch (error) {
      child.kill();
      throw error;
    }
    return { child, path, words: () => said.trim() };
  }
}

interface Master {
  readonly child: ChildProcess;
  /** Where others find it. */
  readonly path: string;
  readonly words: () => string;
}

/** Keeps no process alive: who waits for something has a deadline, and that does. */
function run(args: readonly string[]): ChildProcess {
  const child = spawn('ssh', args, {
    // In a process group of its own: Ctrl-C is meant for us, who still have to clean up.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: process.env,
  });
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) {
    (pipe as Socket).unref();
    pipe.on('error', () => {});
  }
  child.stderr.setEncoding('utf8');
  return child;
}

/** How it has ended, and what it said. */
function end(child: ChildProcess): Promise<{ code: number | null; words: string }> {
  return new Promise((resolve) => {
    let words = '';
    child.stderr?.on('data', (text: string) => {
      words = `${words}${text}`.slice(-maxWords);
    });
    child.once('error', (error) => resolve({ code: null, words: error.message }));
    child.once('close', (code) =>
      resolve({ code, words: words.replace(/\s*\n\s*/g, '; ').trim() }),
    );
  });
}
