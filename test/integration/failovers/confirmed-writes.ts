/** Whom an acknowledged write was confirmed by: at least so many of these, by name. */
export interface Confirmed {
  readonly names: readonly string[];
  readonly atLeast: number;
}

/**
 * What a cluster has to keep of the writes that it has acknowledged, numbered in their order. It
 * is known before a master is replaced which of them may rightly be lost by that.
 *
 * Who confirms a write has all that its master has written before. So for each write the last
 * confirmation after it counts, too.
 */
export class ConfirmedWrites {
  readonly #attempted = new Set<number>();
  readonly #acknowledged = new Set<number>();
  #confirmations: { readonly upTo: number; readonly by: Confirmed }[] = [];
  #last = 0;

  /** How many have begun. */
  get begun(): number {
    return this.#last;
  }

  /** The number of the next write. */
  begin(): number {
    this.#last += 1;
    this.#attempted.add(this.#last);
    return this.#last;
  }

  acknowledged(write: number, by: Confirmed): void {
    this.#acknowledged.add(write);
    this.#confirmations.push({ upTo: write, by });
  }

  /** Each of these nodes has been seen to have all. */
  seenOn(names: readonly string[]): void {
    this.#confirmations = [{ upTo: this.#last, by: { names, atLeast: names.length } }];
  }

  /**
   * The writes that must not be lost if the one that has most among `reachable` takes over.
   * @param seen writes that one of them has shown
   */
  keptBy(reachable: readonly string[], seen: ReadonlySet<number>): ReadonlySet<number> {
    const isKept = ({ names, atLeast }: Confirmed) =>
      names.filter((name) => !reachable.includes(name)).length < atLeast;
    const kept = this.#confirmations.filter(({ by }) => isKept(by));
    const upTo = Math.max(0, ...kept.map((confirmation) => confirmation.upTo));
    return new Set([...this.#acknowledged].filter((write) => write <= upTo || seen.has(write)));
  }

  /** All that were acknowledged and are not known to be lost. */
  get all(): ReadonlySet<number> {
    return new Set(this.#acknowledged);
  }

  /** Problems with what a master shows, of which `kept` must be there; a few words each. */
  problems(found: ReadonlySet<number>, kept: ReadonlySet<number>): string[] {
    const lost = [...kept].filter((write) => !found.has(write));
    const strange = [...found].filter((write) => !this.#attempted.has(write));
    return [
      ...(lost.length > 0 ? [`lost: ${lost.join(', ')}`] : []),
      ...(strange.length > 0 ? [`nobody has written: ${strange.join(', ')}`] : []),
    ];
  }

  /** A new master has only these; resolves to how many were lost, as could be told before. */
  forgetAllBut(found: ReadonlySet<number>): number {
    const before = this.#acknowledged.size;
    for (const write of this.#acknowledged) {
      if (!found.has(write)) this.#acknowledged.delete(write);
    }
    return before - this.#acknowledged.size;
  }
}
