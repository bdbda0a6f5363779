import { until } from '../../support/until';
import type { CommandIo } from './command';

/** Runs what follows in a terminal of its own. */
export const inTerminal = ['sh', '-c', 'exec script -qec "stty cols 150; $*" /dev/null', 'sh'];

/** A person at a terminal: types, and reads what has come since. */
export class Person {
  readonly #io: CommandIo;
  #read = 0;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  type(text: string): void {
    this.#read = this.#io.stdout().length;
    this.#io.write(text);
  }

  /** @returns what has come since it was last typed */
  async sees(what: RegExp): Promise<string> {
    await until(
      String(what),
      () => what.test(this.#new) || JSON.stringify(this.#new.slice(-500)),
      60_000,
    );
    return this.#new;
  }

  get #new(): string {
    return this.#io.stdout().slice(this.#read);
  }
}
