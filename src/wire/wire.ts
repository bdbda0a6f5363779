import { join } from 'node:path';
import type { Deadline } from '../base/deadline';
import { HelperProcess } from '../base/machine/helper-process';
import type { Heard, Hit, Request, ToldHit } from './requests';

/**
 * The owner's end of the wire: the process that stands between clients and servers. There is one
 * in each process that has clusters, for all of them. It ends with its owner.
 */
export class Wire {
  static #ofProcess: Wire | undefined;
  readonly #process: HelperProcess;
  readonly #traps = new Map<string, (hit: Hit) => void>();

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
    this.#process = new HelperProcess({
      name: 'the wire',
      // In src/ as in dist/: the compiled file.
      script: join(__dirname, '../..', 'dist/wire/wire-process.js'),
      hears: (told: ToldHit) => this.#hear(told),
    });
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
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
  ask<R = void>(what: string, request: Request, deadline: Deadline): Promise<R> {
    return this.#process.ask<R>(what, request, deadline);
  }

  /** `listener` is called for each statement that the trap of this id catches. */
  onHit(trap: string, listener: (hit: Hit) => void): void {
    this.#traps.set(trap, listener);
  }

  offHit(trap: string): void {
    this.#traps.delete(trap);
  }

  #hear({ trap, hit, number }: ToldHit): void {
    this.#traps.get(trap)?.(hit);
    this.#process.tell({ heard: number } satisfies Heard);
  }
}
