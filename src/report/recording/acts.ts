import type { ClusterEvent } from '../../cluster/timeline';

interface Act {
  readonly number: number;
  /** Whether it can do without our staying away. */
  readonly isHarmless: boolean;
}

/** What is being done to a cluster, and the number that a recording gives each act. */
export class ActsUnderWay {
  readonly #acts = new Map<ClusterEvent, Act>();
  #last = 0;

  begun(event: ClusterEvent, isHarmless: boolean): number {
    this.#last += 1;
    this.#acts.set(event, { number: this.#last, isHarmless });
    return this.#last;
  }

  /** The number of an act that has ended; undefined if its beginning was not seen. */
  ended(event: ClusterEvent): number | undefined {
    const act = this.#acts.get(event);
    this.#acts.delete(event);
    return act?.number;
  }

  /** Whether anything is done to this node, or to the whole cluster, that we may be in the way of. */
  mayHarm(name: string): boolean {
    return [...this.#acts].some(
      ([{ node }, { isHarmless }]) => !isHarmless && (node === undefined || node === name),
    );
  }

  /**
   * What is done to this node now, or to the whole cluster. Acts take turns, so of several the one
   * that began first is it.
   */
  nameFor(name: string): string | undefined {
    const events = [...this.#acts.keys()];
    const found =
      events.find(({ node }) => node === name) ??
      events.find(({ node, act }) => node === undefined && act !== 'ledger');
    return found?.act;
  }
}
