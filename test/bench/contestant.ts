import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Seconds, by what was measured. */
export type Times = Record<string, number>;

/** One tree of this project, measured in a process of its own. */
export class Contestant {
  readonly name: string;
  readonly #process: ChildProcess;

  /** @param folder a tree that is built */
  constructor(name: string, folder: string, engine: string) {
    this.name = name;
    this.#process = fork(join(__dirname, 'contestant-process.ts'), [folder, engine], {
      execArgv: ['--import', 'tsx'],
    });
  }

  /** Measures everything once. */
  readonly round = async (): Promise<Times> => {
    const ended = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`${this.name} ended by ${signal ?? `exit code ${code}`}`);
    });
    ended.catch(() => {});
    this.#process.send('round');
    const [times] = await Promise.race([once(this.#process, 'message'), ended]);
    return times;
  };

  end(): void {
    this.#process.disconnect();
  }
}
