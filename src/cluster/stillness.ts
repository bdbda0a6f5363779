import { OneAtATime } from '../base/one-at-a-time';
import type { Node } from './node/node';

/**
 * Whether the replay of slaves is to stand still (the option `staleReads`), and which of them are
 * left alone. Asks no server.
 */
export class Stillness {
  #isWanted = false;
  /** How many are at work that slaves have to replay for. */
  #passing = 0;
  /** Those whose replay the test has taken into its own hands. */
  readonly #takenOver = new Set<Node>();
  readonly #turns = new OneAtATime();

  get isWanted(): boolean {
    return this.#isWanted;
  }

  begin(): void {
    this.#isWanted = true;
  }

  end(): void {
    this.#isWanted = false;
    this.#takenOver.clear();
  }

  /** From now on the test itself says when this slave replays, until it ends. */
  takeOver(node: Node): void {
    if (this.#isWanted) this.#takenOver.add(node);
  }

  /** Whether this slave should stand still now. */
  isFor(node: Node): boolean {
    return this.#isWanted && this.#passing === 0 && !this.#takenOver.has(node);
  }

  /** Runs `work`, during which no slave begins to stand still. */
  async whileReplaying<T>(work: () => Promise<T>): Promise<T> {
    this.#passing += 1;
    try {
      return await work();
    } finally {
      this.#passing -= 1;
    }
  }

  /** Stops or resumes replay while nobody else does. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(work);
  }
}
