import type { ClusterEvent } from '../../cluster/timeline';

/** What is being done to a cluster, and the number that a recording gives each act. */
export class ActsUnderWay {
  readonly #numbers = new Map<ClusterEvent, number>();
  #last = 0;

  begun(event: ClusterEvent): number {
    this.#last += 1;
    this.#numbers.set(event, this.#last);
    return this.#last;
  }

  /** The number of an act that has ended; undefined if its beginning was not seen. */
  ended(event: ClusterEvent): number | undefined {
    const number = this.#numbers.get(event);
    this.#numbers.delete(event);
    return number;
  }

  /** Whether anything is done to this node, or to the whole cluster. */
  concerns(node: string): boolean {
    return this.#of(node) !== undefined;
  }

  /**
   * What is done to this node now, or to the whole cluster. Acts take turns, so of several the one
   * that began first is it.
   */
  nameFor(node: string): string | undefined {
    return this.#of(node)?.act;
  }

  #of(node: string): ClusterEvent | undefined {
    const events = [...this.#numbers.keys()];
    return (
      events.find((event) => event.node === node) ??
      events.find((event) => event.node === undefined && event.act !== 'ledger')
    );
  }
}
