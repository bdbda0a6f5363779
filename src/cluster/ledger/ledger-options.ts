import { wholeNumber } from '../../base/value-rules';

/** How a ledger writes. */
export interface LedgerOptions {
  /** How long each connection pauses between two writes, in ms, 0 to 10000. @default 5 */
  intervalMs?: number;
  /** How many connections write at the same time, 1 to 50. @default 2 */
  connections?: number;
  /**
   * How long a write may take, in ms, 10 to 60000; then its outcome is unknown, or failed if it had
   * no connection yet. @default 1000
   */
  timeoutMs?: number;
}

export const ledgerRules = {
  intervalMs: wholeNumber(0, 10_000),
  connections: wholeNumber(1, 50),
  timeoutMs: wholeNumber(10, 60_000),
};

/** Adds the defaults. */
export function ledgerOptions(given: LedgerOptions = {}): Required<LedgerOptions> {
  const { intervalMs = 5, connections = 2, timeoutMs = 1000 } = given;
  return { intervalMs, connections, timeoutMs };
}
