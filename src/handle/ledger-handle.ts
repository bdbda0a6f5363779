import type { Realm } from '../base/realm';
import { oneOf, wholeNumber } from '../base/value-rules';
import type { Ledger } from '../cluster/ledger/ledger';
import { writeOutcomes } from '../cluster/ledger/ledger-book';
import { withMethods } from './arguments';
import { may, needs, options, timeoutMs } from './parameters';

/** What tests get to see of a ledger. */
export function ledgerHandle(ledger: Ledger, realm: Realm): Ledger {
  const properties = {
    table: ledger.table,
    get counts() {
      return ledger.counts;
    },
  };
  const handle = withMethods<Ledger>(properties, {
    waitFor: {
      takes: [
        needs('outcome', oneOf(...writeOutcomes)),
        may('count', wholeNumber(1, 1_000_000_000)),
        options({ timeoutMs }),
      ],
      does: async (outcome, count, o) => ledger.waitFor(outcome, count, o),
    },
    stop: { does: async () => ledger.stop() },
    verify: { does: async () => ledger.verify() },
  });
  return realm.handle(handle);
}
