/**
 * How a write ended, as its client saw it.
 *
 * - `acknowledged`: the master said that it is committed.
 * - `failed`: it is certainly not committed: it never reached a server, or the server refused it.
 * - `unknown`: it was sent, and the connection broke or time was up before an answer came.
 */
export type WriteOutcome = (typeof writeOutcomes)[number];

export const writeOutcomes = ['acknowledged', 'failed', 'unknown'] as const;

/** How many writes a ledger has sent, and how they ended. */
export interface LedgerCounts {
  /** All writes: the sum of the four others. */
  readonly written: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly unknown: number;
  /** Writes that have not ended yet. */
  readonly inFlight: number;
}

/** What `ledger.verify()` found on the node that was master then. */
export interface LedgerReport extends LedgerCounts {
  /** The node that was read. */
  readonly node: string;
  /** How many of the unknown writes are there. Each may be there or not. */
  readonly unknownPresent: number;
  /** Ids of writes that were acknowledged and are not there, in order. Each is a lost write. */
  readonly missing: readonly number[];
  /** Ids of rows that are there and were never sent, or were refused, in order. */
  readonly unexpected: readonly number[];
}

/** What is known of each write of a ledger. Ids count from 1; none is used twice. */
export class LedgerBook {
  /** Indexed by id - 1; undefined while the write is in flight. */
  readonly #outcomes: (WriteOutcome | undefined)[] = [];
  readonly #counts = { acknowledged: 0, failed: 0, unknown: 0 };

  /** A new write's id. It is noted before the write is sent, so that every row has its entry. */
  begin(): number {
    return this.#outcomes.push(undefined);
  }

  /** The first outcome counts: an answer that comes after the time is up changes nothing. */
  end(id: number, outcome: WriteOutcome): void {
    if (this.#outcomes[id - 1] !== undefined) return;
    this.#outcomes[id - 1] = outcome;
    this.#counts[outcome] += 1;
  }

  get counts(): LedgerCounts {
    const { acknowledged, failed, unknown } = this.#counts;
    const written = this.#outcomes.length;
    const inFlight = written - acknowledged - failed - unknown;
    return Object.freeze({ written, acknowledged, failed, unknown, inFlight });
  }

  /** Whether any write has ended. */
  get hasEnded(): boolean {
    return Object.values(this.#counts).some((count) => count > 0);
  }

  /** Take these before reading a master: a later write need not be there yet. */
  acknowledgedIds(): readonly number[] {
    return this.#ids('acknowledged');
  }

  /** Compares what was acknowledged before a read with the ids that were read. */
  report(node: string, acknowledged: readonly number[], present: readonly number[]): LedgerReport {
    const there = new Set(present);
    const wasSent = (id: number) =>
      Number.isInteger(id) &&
      id >= 1 &&
      id <= this.#outcomes.length &&
      this.#outcomes[id - 1] !== 'failed';
    return Object.freeze({
      ...this.counts,
      node,
      unknownPresent: this.#ids('unknown').filter((id) => there.has(id)).length,
      missing: Object.freeze(acknowledged.filter((id) => !there.has(id))),
      unexpected: Object.freeze([...there].filter((id) => !wasSent(id)).sort((a, b) => a - b)),
    });
  }

  #ids(outcome: WriteOutcome): number[] {
    const ids: number[] = [];
    for (const [index, found] of this.#outcomes.entries()) {
      if (found === outcome) ids.push(index + 1);
    }
    return ids;
  }
}
