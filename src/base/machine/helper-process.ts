import { type ChildProcess, fork } from 'node:child_process';
import { type Deadline, within } from '../deadline';
import { PgClusterError } from '../errors';
import { childEnv } from './child-environment';

/** What went wrong in a helper process. */
interface HelperProblem {
  readonly message: string;
  readonly code: string | undefined;
}

/** The helper tells its owner; the answer to a request has its id. */
export type HelperMessage =
  | { readonly id: number; readonly result?: unknown; readonly problem?: HelperProblem }
  /** Something that it was not asked for. */
  | { readonly told: object }
  /** It is about to end, for this reason. */
  | { readonly died: string };

/**
 * The owner's end of a process of ours that does what must not wait for the tests' own code. The
 * process, whose end helper-owner.ts is, ends with its owner.
 */
export class HelperProcess {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;
  #ended: string | undefined;

  readonly #hears: (told: never) => void;

  /** @param o `name` is for messages; `hears` gets what it tells without being asked */
  constructor(o: {
    name: string;
    script: string;
    hears?: (told: never) => void;
  }) {
    this.#name = o.name;
    this.#hears = o.hears ?? (() => {});
    this.#process = fork(o.script, [], {
      env: childEnv(),
      // None of V8's flags, nor those that Jest was started with: see small-heap.ts.
      execArgv: [],
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.on('message', (message: HelperMessage) => this.#take(message));
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

  /** Tells it something that it does not answer. */
  tell(message: object): void {
    // If it has ended, that is told in another way.
    this.#process.send({ told: message }, () => {});
  }

  /**
   * What it answers.
   * @param what completes "… could not …"
   * @throws `ERR_PG_CLUSTER_ENGINE` if it has ended, or what went wrong there;
   * `ERR_PG_CLUSTER_PORT_IN_USE`
   */
  async ask<R = void>(what: string, request: object, deadline: Deadline): Promise<R> {
    this.#lastId += 1;
    const id = this.#lastId;
    try {
      const { result, problem } = await within(
        deadline,
        `${this.#name} to ${what}`,
        () =>
          new Promise<Reply>((resolve) => {
            this.#waiting.set(id, resolve);
            // If it has ended, that is told in another way.
            if (this.#ended === undefined) this.#process.send({ id, request }, () => {});
            else this.#end(this.#ended);
          }),
      );
      if (!problem) return result as R;
      throw new PgClusterError(
        problem.code === 'EADDRINUSE' ? 'ERR_PG_CLUSTER_PORT_IN_USE' : 'ERR_PG_CLUSTER_ENGINE',
        `${this.#name} could not ${what}: ${problem.message}`,
      );
    } finally {
      this.#waiting.delete(id);
    }
  }

  #take(message: HelperMessage): void {
    if ('died' in message) this.#end(message.died);
    else if ('told' in message) this.#hears(message.told as never);
    else this.#waiting.get(message.id)?.(message);
  }

  #end(why: string): void {
    this.#ended ??= why;
    const message = `its process has ended (${this.#ended}), and with it every connection through it; pgCluster.reset() starts another one`;
    for (const answer of this.#waiting.values()) answer({ problem: { message, code: undefined } });
    this.#waiting.clear();
  }
}

interface Reply {
  readonly result?: unknown;
  readonly problem?: HelperProblem;
}
