import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type Deadline, within } from '../base/deadline';
import { PgClusterError } from '../base/errors';
import { childEnv } from '../base/machine/child-environment';
import type { Hit, Message, OwnersMessage, Problem, Request } from './requests';

/**
 * A small heap is enough, since the wire keeps little, and it is collected more often, which costs
 * less than the memory of one wire for each of Jest's workers.
 */
const execArgv = ['--max-semi-space-size=1', '--max-old-space-size=256', '--expose-gc'];

/**
 * The owner's end of the wire: the process that stands between clients and servers. There is one
 * in each process that has clusters, for all of them. It ends with its owner.
 */
export class Wire {
  static #ofProcess: Wire | undefined;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (reply: { result?: unknown; problem?: Problem }) => void>();
  readonly #traps = new Map<string, (hit: Hit) => void>();
  #lastId = 0;
  #ended: string | undefined;

  /** That of this process, which is started at the first call, or if the former one has ended. */
  static get ofProcess(): Wire {
    if (Wire.#ofProcess === undefined || Wire.#ofProcess.hasEnded) Wire.#ofProcess = new Wire();
    return Wire.#ofProcess;
  }

  /** Starts that of this process, which takes a while, unless it is there. */
  static begin(): void {
    void Wire.ofProcess;
  }

  private constructor() {
    // In src/ as in dist/: the compiled file.
    const script = join(__dirname, '../..', 'dist/wire/wire-process.js');
    this.#process = fork(script, [], {
      env: childEnv(),
      execArgv,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.on('message', (message: Message) => this.#take(message));
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('exit', (code, signal) => this.#end(`it was ended by ${signal ?? code}`));
    // Neither the process nor the channel to it may keep Jest from exiting.
    this.#process.unref();
    this.#process.channel?.unref();
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** For tests and messages. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * What the wire answers.
   * @param what completes "the wire could not …"
   * @throws `ERR_PG_CLUSTER_ENGINE` if it has ended, or what went wrong there;
   * `ERR_PG_CLUSTER_PORT_IN_USE`
   */
  async ask<R = void>(what: string, request: Request, deadline: Deadline): Promise<R> {
    this.#lastId += 1;
    const id = this.#lastId;
    try {
      const { result, problem } = await within(
        deadline,
        `the wire to ${what}`,
        () =>
          new Promise<{ result?: unknown; problem?: Problem }>((resolve) => {
            this.#waiting.set(id, resolve);
            if (this.#ended === undefined) this.#send({ id, request });
            else this.#end(this.#ended);
          }),
      );
      if (!problem) return result as R;
      throw new PgClusterError(
        problem.code === 'EADDRINUSE' ? 'ERR_PG_CLUSTER_PORT_IN_USE' : 'ERR_PG_CLUSTER_ENGINE',
        `the wire could not ${what}: ${problem.message}`,
      );
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** `listener` is called for each statement that the trap of this id catches. */
  onHit(trap: string, listener: (hit: Hit) => void): void {
    this.#traps.set(trap, listener);
  }

  offHit(trap: string): void {
    this.#traps.delete(trap);
  }

  #take(message: Message): void {
    if ('died' in message) this.#end(message.died);
    else if ('hit' in message) {
      this.#traps.get(message.trap)?.(message.hit);
      this.#send({ heard: message.number });
    } else this.#waiting.get(message.id)?.(message);
  }

  #send(message: OwnersMessage): void {
    // If it has ended, that is told in another way.
    this.#process.send(message, () => {});
  }

  #end(why: string): void {
    this.#ended ??= why;
    const problem = {
      message: `its process has ended (${this.#ended}), and with it every connection through it; pgCluster.reset() starts another one`,
      code: undefined,
    };
    for (const answer of this.#waiting.values()) answer({ problem });
    this.#waiting.clear();
  }
}
