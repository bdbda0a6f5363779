import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type Deadline, within } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { childEnv } from '../../../base/machine/child-environment';
import type { Reply, Request } from './forwarder-process';

/** The owner's end of a forwarder. */
export class ForwarderClient {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;
  #ended: string | undefined;

  /** @param home its current directory; a clean-up finds it by that */
  constructor(home: string) {
    // In src/ as in dist/: the compiled file.
    const script = join(__dirname, '../../../..', 'dist/engine/local/network/forwarder-process.js');
    this.#process = fork(script, [home], {
      env: childEnv(),
      execArgv: [],
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.on('message', (reply: Reply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('exit', (code, signal) => this.#end(`it ended by ${signal ?? code}`));
    // Neither the process nor the channel to it may keep Jest from exiting.
    this.#process.unref();
    this.#process.channel?.unref();
  }

  /** @throws what went wrong, with the code of the system's error if there was one */
  async ask(what: string, request: Request, deadline: Deadline): Promise<void> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { problem } = await within(
      deadline,
      `the forwarder to ${what}`,
      () =>
        new Promise<Reply>((resolve) => {
          this.#waiting.set(id, resolve);
          if (this.#ended === undefined) this.#process.send({ id, request }, () => {});
          else this.#end(this.#ended);
        }),
    );
    if (!problem) return;
    throw new PgClusterError(
      problem.code === 'EADDRINUSE' ? 'ERR_PG_CLUSTER_PORT_IN_USE' : 'ERR_PG_CLUSTER_ENGINE',
      `the forwarder could not ${what}: ${problem.message}`,
    );
  }

  /** The process ends when the channel does. */
  close(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  #end(why: string): void {
    this.#ended = why;
    for (const [id, answer] of this.#waiting) {
      answer({ id, problem: { message: why, code: undefined } });
    }
    this.#waiting.clear();
  }
}
