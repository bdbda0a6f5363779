import { setMaxListeners } from 'node:events';
import { escapeIdentifier } from 'pg';
import { Deadline, poll } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import { newId } from '../../cleanup/session';
import type { Cluster } from '../cluster';
import type { Node } from '../node';
import { LedgerBook, type LedgerCounts, type LedgerReport, type WriteOutcome } from './ledger-book';
import { type LedgerOptions, ledgerOptions } from './ledger-options';
import { LedgerWriter } from './ledger-writer';

const openMs = 10_000;
const waitMs = 10_000;
/** A first write that has not ended by then hangs, as commits do that wait for slaves. */
const hangsMs = 1000;

/**
 * A load of writes, and a record of what became of each. It goes on, whatever becomes of the
 * cluster, until `stop()` or the end of the test file; it may outlive a test.
 */
export interface Ledger {
  /** The table that it writes to, one of its own, as SQL has to name it. It is left there. */
  readonly table: string;
  /** How its writes have ended so far. */
  readonly counts: LedgerCounts;
  /**
   * Resolves once `count` more writes have ended so, counted from this call. To see what becomes
   * of writes that a fault catches under way, call it before the fault and await it after.
   *
   * @param count 1 by default
   * @param o.timeoutMs 10000 by default
   * @throws `ERR_PG_CLUSTER_TIMEOUT` that tells why writes were not acknowledged;
   * `ERR_PG_CLUSTER_STATE` when it was stopped
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
   * Compares what was acknowledged with what is there on the node that is master now. While it
   * still writes, or afterwards.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when the master does not run
   */
  verify(): Promise<LedgerReport>;
}

/**
 * Makes a table and begins to write; resolves once the first write has ended, however it did, or
 * hangs.
 */
export async function openLedger(cluster: Cluster, given?: LedgerOptions): Promise<Ledger> {
  cluster.assertOpen();
  const options = ledgerOptions(given);
  const schema = escapeIdentifier(`jest_ledger_${newId()}`);
  const table = `${schema}.writes`;
  const run = new Run(cluster, table, options);
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
 * As the tests' role, which then owns it. It need not be on the slaves before the first write, and
 * it can be made while writes fail: one begins a ledger to see just that.
 */
async function makeTable(master: Node, schema: string, table: string): Promise<void> {
  const deadline = Deadline.in(openMs);
  await master.requireRunning('take the writes of a ledger', deadline);
  // Says at once if it is cut off.
  await master.sql('SELECT 1', [], deadline);
  const session = await master.connect('client', deadline, {
    settings: { default_transaction_read_only: 'off', synchronous_commit: 'local' },
  });
  try {
    // Without a key: an index takes room at once, which a full disk does not have.
    await session.query(
      `CREATE SCHEMA ${schema}; CREATE TABLE ${table} (id bigint NOT NULL)`,
      [],
      deadline,
    );
  } finally {
    session.destroy();
  }
}

/** The writers of one ledger and their book. */
class Run {
  readonly book = new LedgerBook();
  readonly #cluster: Cluster;
  readonly #table: string;
  readonly #end = new AbortController();
  readonly #writers: readonly LedgerWriter[];
  #ended: Promise<unknown> = Promise.resolve();
  /** Its table is gone, or older than its book. */
  #isOver = false;

  constructor(cluster: Cluster, table: string, o: Required<LedgerOptions>) {
    // Every writer listens to it, and Node warns of more than ten.
    setMaxListeners(0, this.#end.signal);
    this.#cluster = cluster;
    this.#table = table;
    this.#writers = Array.from(
      { length: o.connections },
      () =>
        new LedgerWriter({
          cluster,
          book: this.book,
          // In the simple protocol, in which the answer to the statement comes after its commit.
          insert: (id) => `INSERT INTO ${table} VALUES (${id})`,
          intervalMs: o.intervalMs,
          timeoutMs: o.timeoutMs,
          signal: this.#end.signal,
        }),
    );
  }

  start(): void {
    this.#cluster.attached.add(this);
    this.#ended = Promise.all(this.#writers.map((writer) => writer.run()));
  }

  /** Resolves once a write has ended, and after `ms` if none has. */
  async untilFirst(ms: number): Promise<void> {
    await poll({
      deadline: Deadline.in(ms),
      what: 'the first write of the ledger',
      intervalMs: 2,
      look: async () => (this.book.hasEnded ? { done: undefined } : { seen: 'it is under way' }),
    }).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#ended;
    this.#cluster.attached.delete(this);
  }

  /** At once, and for good: the cluster ends, or is put back. */
  close(): void {
    this.#isOver = true;
    this.#end.abort();
    for (const writer of this.#writers) writer.close();
    this.#cluster.attached.delete(this);
  }

  async waitFor(outcome: WriteOutcome, count: number, timeoutMs: number): Promise<void> {
    const before = this.book.counts[outcome];
    await poll({
      deadline: Deadline.in(timeoutMs),
      what: `${count} more writes of the ledger to be ${outcome}`,
      intervalMs: 2,
      look: async () => {
        const ended = this.book.counts[outcome] - before;
        if (ended >= count) return { done: undefined };
        const seen = `${ended} were; the last problem was: ${this.#lastProblems()}`;
        if (!this.#end.signal.aborted) return { seen };
        throw new PgClusterError(
          'ERR_PG_CLUSTER_STATE',
          `the ledger was stopped, so no ${count} more writes can be ${outcome}: ${seen}`,
        );
      },
    });
  }

  async verify(): Promise<LedgerReport> {
    for (;;) {
      this.#cluster.assertOpen();
      if (this.#isOver) {
        throw new PgClusterError(
          'ERR_PG_CLUSTER_STATE',
          'the ledger ended when the cluster was put back by reset() or restore(): what it wrote is gone with the rest; begin another one',
        );
      }
      const { master } = this.#cluster;
      const acknowledged = this.book.acknowledgedIds();
      const present = await this.#read(master);
      // What was read from a node that has just been replaced would be no news of today's master.
      if (this.#cluster.master === master) {
        return this.book.report(master.name, acknowledged, present);
      }
    }
  }

  async #read(master: Node): Promise<number[]> {
    try {
      const rows = await master.query<{ id: number }>(
        `SELECT id::float8 AS id FROM ${this.#table}`,
      );
      return rows.map(({ id }) => id);
    } catch (error) {
      // A master that never got the table has none of the writes.
      if (codeOf(error) === '42P01') return [];
      throw error;
    }
  }

  #lastProblems(): string {
    return [...new Set(this.#writers.map(({ lastProblem }) => lastProblem))].join('; ');
  }
}
