import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { Deadline, poll } from '../../src/base/deadline';
import { messageOf } from '../../src/base/errors';
import { systemEnv } from './debian';

export const DOCKERD = '/usr/sbin/dockerd';
export const PING_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/** A dockerd that we have started. */
export class DockerdProcess {
  readonly #child: ChildProcess;
  /** Holds its log. */
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  /**
   * Resolves when it answers at `docker`.
   * @param via a command that runs another one in its own place
   */
  static async start(
    args: readonly string[],
    docker: Docker,
    via: readonly string[] = [],
  ): Promise<DockerdProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'jest-environment-pg-cluster-dockerd-'));
    const log = join(folder, 'dockerd.log');
    const fd = openSync(log, 'a');
    const [command, ...rest] = [...via, DOCKERD, '--log-level=warn', ...args];
    const child = spawn(command ?? DOCKERD, rest, {
      // A group of its own: Ctrl-C in the terminal must not end it before the clean-up has used it.
      detached: true,
      stdio: ['ignore', fd, fd],
      env: systemEnv(),
    });
    closeSync(fd);
    child.unref();
    let spawnError: Error | undefined;
    child.once('error', (error) => (spawnError = error));
    const dockerd = new DockerdProcess(child, folder);
    try {
      await poll({
        deadline: Deadline.in(START_TIMEOUT_MS),
        what: 'dockerd to answer',
        intervalMs: 100,
        look: async () => {
          if (spawnError) throw spawnError;
          if (dockerd.#hasEnded) throw new Error(`it ended with ${child.exitCode}`);
          const failure = await pingFailure(docker);
          return failure === undefined ? { done: undefined } : { seen: failure };
        },
      });
    } catch (error) {
      const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
      await dockerd.end('SIGTERM');
      throw new Error(`dockerd did not start: ${messageOf(error)}\nIts log ends:\n${tail}`);
    }
    return dockerd;
  }

  /** Ends it by this signal, or by force. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#ended(STOP_TIMEOUT_MS).catch(() => {
      this.#child.kill('SIGKILL');
      return this.#ended(5_000);
    });
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  #ended(ms: number): Promise<void> {
    return poll({
      deadline: Deadline.in(ms),
      what: `dockerd (pid ${this.#child.pid}) to end`,
      intervalMs: 50,
      look: async () => (this.#hasEnded ? { done: undefined } : { seen: 'it runs' }),
    });
  }
}

/** Undefined if an engine answers, else why not. */
export async function pingFailure(docker = new Docker({ timeout: PING_TIMEOUT_MS })) {
  try {
    await docker.ping();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
