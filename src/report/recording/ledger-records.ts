import type { LedgerCounts } from '../../cluster/ledger/ledger-book';
import { LedgerRun } from '../../cluster/ledger/ledger-run';
import type { Happening } from '../records';

/** Follows the ledgers of a cluster. */
export class LedgerRecords {
  readonly #write: (happening: Happening) => void;
  readonly #open = new Map<LedgerRun, { readonly ledger: number; told: LedgerCounts }>();
  #last = 0;

  constructor(write: (happening: Happening) => void) {
    this.#write = write;
  }

  attached(attached: object): void {
    if (!(attached instanceof LedgerRun)) return;
    this.#last += 1;
    this.#open.set(attached, { ledger: this.#last, told: attached.book.counts });
    this.#write({ kind: 'ledger', ledger: this.#last, is: 'begun' });
  }

  detached(attached: object): void {
    if (!(attached instanceof LedgerRun)) return;
    const open = this.#open.get(attached);
    if (!open) return;
    this.look();
    this.#open.delete(attached);
    this.#write({ kind: 'ledger', ledger: open.ledger, is: 'ended' });
  }

  /** Writes down what has become of writes since the last look. */
  look(): void {
    for (const [{ book }, open] of this.#open) {
      const { told, ledger } = open;
      const now = book.counts;
      const acknowledged = now.acknowledged - told.acknowledged;
      const failed = now.failed - told.failed;
      const unknown = now.unknown - told.unknown;
      const { inFlight } = now;
      if (acknowledged + failed + unknown === 0 && inFlight === told.inFlight) continue;
      open.told = now;
      this.#write({ kind: 'writes', ledger, acknowledged, failed, unknown, inFlight });
    }
  }
}
