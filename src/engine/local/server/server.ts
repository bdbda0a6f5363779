import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Deadline, poll } from '../../../base/deadline';
import { Connection, type ConnectionOptions } from '../../../postgres/connection';
import type { Endpoint } from '../../../postgres/endpoint';
import { isOver, isStopped } from '../system/process-table';
import { run } from '../system/run-program';
import type { ServerUser } from '../system/server-user';
import { killAll, killServer } from './freeze-and-kill';
import { pidFile, sharedMemoryOf, statusOf } from './pid-file';
import { spawnServer, untilSpawned } from './spawn-server';
import { whyNotUp } from './why-not-up';

/** How long to wait for a server that has opened its port to let clients in. */
const quietMs = 1000;
/** How long an immediate shutdown may take. */
const patienceMs = 500;

interface ServerOptions {
  /** The folder of PostgreSQL's programs. */
  readonly programs: string;
  readonly user: ServerUser;
  /** A directory of `user`'s with `data` in it; `log` is written there. */
  readonly home: string;
  readonly endpoint: Endpoint;
  readonly name: string;
  /** Environment variables, e.g. PGPASSFILE. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings, `name=value` each. */
  readonly settings?: readonly string[];
}

/** The data directory of the server with that home. */
export function dataIn(home: string): string {
  return join(home, 'data');
}

/** One PostgreSQL server process of this machine. */
export class Server {
  readonly #o: ServerOptions;
  #process: ChildProcess | undefined;
  #startedAt = '';

  constructor(o: ServerOptions) {
    this.#o = o;
  }

  get data(): string {
    return dataIn(this.#o.home);
  }

  get log(): string {
    return join(this.#o.home, 'log');
  }

  /** The process, while it runs. */
  get pid(): number | undefined {
    return this.isRunning ? this.#process?.pid : undefined;
  }

  get isRunning(): boolean {
    return (
      this.#process !== undefined &&
      this.#process.exitCode === null &&
      this.#process.signalCode === null
    );
  }

  /** A text that differs after each start. */
  get startedAt(): string {
    return this.#startedAt;
  }

  /** How it ended, or that it runs. */
  get detail(): string {
    if (!this.#process) return 'its server was never started';
    if (this.isRunning) return `its server runs, process ${this.#process.pid}`;
    const { exitCode, signalCode } = this.#process;
    return `its server ended ${signalCode ? `by ${signalCode}` : `with exit code ${exitCode}`}`;
  }

  /**
   * Starts the process; resolves once it listens, and, if that is soon, lets clients in.
   * @throws `ERR_PG_CLUSTER_PORT_IN_USE`, `ERR_PG_CLUSTER_ENGINE` with the end of its log
   */
  async start(deadline: Deadline): Promise<void> {
    const { programs, user, endpoint, name, env, settings } = this.#o;
    await this.forget(deadline);
    const { data, log } = this;
    const child = spawnServer({ programs, user, endpoint, env, settings, data, log });
    this.#process = child;
    this.#startedAt = `${child.pid}/${Date.now()}`;
    await untilSpawned(child, `the process of ${name}`, deadline);
    await this.#untilStatus(/starting|ready|standby/, deadline);
    await this.#untilStatus(/ready/, deadline.atMost(quietMs)).catch(() => {});
  }

  /**
   * If the process has ended, waits until this object knows: Node learns of it by an event, and
   * whoever looks right after a kill would find it running.
   */
  async noticeEnd(deadline: Deadline): Promise<void> {
    const { pid } = this;
    if (pid !== undefined && (await isOver(pid, deadline))) await this.#untilGone(deadline);
  }

  /**
   * Opens a session over TCP as soon as the server lets clients in: our own by default, or a
   * user's.
   */
  async withSession<T>(
    login: { user: string; password: string; database: string },
    work: (session: Connection) => Promise<T>,
    deadline: Deadline,
    o: ConnectionOptions = { ours: true },
  ): Promise<T> {
    await this.#untilStatus(/ready/, deadline);
    const session = await Connection.open({ endpoint: this.#o.endpoint, ...login }, deadline, o);
    try {
      return await work(session);
    } finally {
      session.destroy();
    }
  }

  /** Sends a signal to the postmaster and waits until it is gone. */
  async end(signal: NodeJS.Signals, deadline: Deadline): Promise<void> {
    this.#process?.kill(signal);
    await this.#untilGone(deadline);
  }

  /**
   * Ends it for good and as quickly as possible, whatever state it is in: by an immediate shutdown,
   * which removes its shared memory, or else by force.
   */
  async endAtOnce(deadline: Deadline): Promise<void> {
    const { pid } = this;
    if (pid === undefined) {
      await this.forget(deadline);
      return;
    }
    try {
      if (await isStopped(pid, deadline)) throw new Error('it is frozen');
      await this.end('SIGQUIT', deadline.atMost(patienceMs));
    } catch {
      await this.kill(deadline);
      await this.forget(deadline);
    }
  }

  /** Ends all its processes by force. */
  async kill(deadline: Deadline): Promise<void> {
    const { pid, data } = this;
    if (pid === undefined) await killAll(data, deadline);
    else await killServer(pid, data, deadline);
    await this.#untilGone(deadline);
  }

  /**
   * Removes what a killed server has left: its shared memory in the system, and postmaster.pid.
   * Another process may have that id by now, and PostgreSQL would refuse to start.
   */
  async forget(deadline: Deadline): Promise<void> {
    for (const id of sharedMemoryOf(pidFile(this.data))) await run('ipcrm', ['-m', id], deadline);
    rmSync(join(this.data, 'postmaster.pid'), { force: true });
  }

  async #untilGone(deadline: Deadline): Promise<void> {
    await poll({
      deadline,
      what: `the server of ${this.#o.name} to end`,
      intervalMs: 2,
      look: async () => (this.isRunning ? { seen: this.detail } : { done: undefined }),
    });
  }

  async #untilStatus(wanted: RegExp, deadline: Deadline): Promise<void> {
    const { name } = this.#o;
    await poll({
      deadline,
      what: `the server of ${name} to come up`,
      intervalMs: 2,
      look: async () => {
        if (!this.isRunning) throw whyNotUp({ ...this.#o, log: this.log, detail: this.detail });
        const status = statusOf(pidFile(this.data));
        return wanted.test(status) ? { done: undefined } : { seen: status || 'it does not listen' };
      },
    });
  }
}
