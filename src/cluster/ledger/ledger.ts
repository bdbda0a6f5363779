import { Deadline } from '../../base/deadline';
import { newId } from '../../base/new-id';
import { escapeIdentifier } from '../../postgres/quoted';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import type { LedgerCounts, LedgerReport, WriteOutcome } from './ledger-book';
import { type LedgerOptions, ledgerOptions } from './ledger-options';
import { LedgerRun } from './ledger-run';

const openMs = 10_000;
const waitMs = 10_000;
/** A first write that has not ended by then hangs, as a commit does that waits for slaves. */
const hangsMs = 1000;

/**
 * A load of writes, and a record of what became of each. It goes on, whatever happens to the
 * cluster, until `stop()` or the end of the test file; it may outlive a test.
 */
export interface Ledger {
  /** Its own table, as SQL has to name it. It stays after the ledger has stopped. */
  readonly table: string;
  /** How its writes have ended so far. */
  readonly counts: LedgerCounts;
  /**
   * Resolves once `count` more writes have had this outcome, counted from this call. To see what
   * becomes of writes that a fault interrupts, call it before the fault and await it afterwards.
   *
   * @param count 1 by default
   * @param o.timeoutMs 10000 by default
   * @throws `ERR_PG_CLUSTER_TIMEOUT`, which says why writes were not acknowledged;
   * `ERR_PG_CLUSTER_STATE` when the ledger was stopped
   *
   * @example
   * const cut = ledger.waitFor('unknown');
   * await pgCluster.master.dropConnections();
   * await cut;
   */
  waitFor(outcome: WriteOutcome, count?: number, o?: { timeoutMs?: number }): Promise<void>;
  /** Ends the writing; resolves once no write is under way, and its connections are closed. */
  stop(): Promise<void>;
  /**
   * Compares what was acknowledged with what today's master has. It works while the ledger still
   * writes, and afterwards.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when the master does not run
   */
  verify(): Promise<LedgerReport>;
}

/**
 * Makes a table and begins to write. Resolves once the first write has ended, well or badly, or
 * hangs.
 */
export async function openLedger(cluster: Cluster, given?: LedgerOptions): Promise<Ledger> {
  cluster.assertOpen();
  const options = ledgerOptions(given);
  const schema = escapeIdentifier(`jest_ledger_${newId()}`);
  const table = `${schema}.writes`;
  const run = new LedgerRun(cluster, table, options);
  await cluster.timeline.record({ act: 'ledger', during: cluster.faults.during }, async (tell) => {
    tell({ detail: `writes to ${table}` });
    await makeTable(cluster.master, schema, table);
    run.start();
    await run.untilFirst(hangsMs);
  });
  return {
    table,
    get counts() {
      return run.book.counts;
    },
    waitFor: async (outcome: WriteOutcome, count: number = 1, o: { timeoutMs?: number } = {}) =>
      run.waitFor(outcome, count, o.timeoutMs ?? waitMs),
    stop: async () => run.stop(),
    verify: async () => run.verify(),
  };
}

/**
 * The tests' role makes the table and owns it. This does not wait for slaves, and it works while
 * other writes fail: a ledger is often begun to see such failures.
 */
async function makeTable(master: Node, schema: string, table: string): Promise<void> {
  const deadline = Deadline.in(openMs);
  await master.requireRunning('take the writes of a ledger', deadline);
  master.requireInReachOfClients();
  const connection = await master.connect('client', deadline, {
    settings: { default_transaction_read_only: 'off', synchronous_commit: 'local' },
  });
  try {
    // It has no key: an index takes room at once, which a full disk does not have.
    await connection.query(
      `CREATE SCHEMA ${schema}; CREATE TABLE ${table} (id bigint NOT NULL)`,
      [],
      deadline,
    );
  } finally {
    connection.destroy();
  }
}
