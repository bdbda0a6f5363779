import { setMaxListeners } from 'node:events';
import { Deadline, poll } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import { LedgerBook, type LedgerReport, type WriteOutcome } from './ledger-book';
import type { LedgerOptions } from './ledger-options';
import { LedgerWriter } from './ledger-writer';

/** The writers of one ledger and their book. */
export class LedgerRun {
  readonly book = new LedgerBook();
  readonly #cluster: Cluster;
  readonly #table: string;
  readonly #end = new AbortController();
  readonly #writers: readonly LedgerWriter[];
  #ended: Promise<unknown> = Promise.resolve();
  /** Whether the table is gone, or no longer matches the book. */
  #isOver = false;

  constructor(cluster: Cluster, table: string, o: Required<LedgerOptions>) {
    // Every writer listens to it, and Node warns about more than ten.
    setMaxListeners(0, this.#end.signal);
    this.#cluster = cluster;
    this.#table = table;
    this.#writers = Array.from(
      { length: o.connections },
      () =>
        new LedgerWriter({
          cluster,
          book: this.book,
          // The simple protocol: the answer to the statement comes after its commit.
          insert: (id) => `INSERT INTO ${table} VALUES (${id})`,
          intervalMs: o.intervalMs,
          timeoutMs: o.timeoutMs,
          signal: this.#end.signal,
        }),
    );
  }

  start(): void {
    this.#cluster.attach(this);
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
    this.#cluster.detach(this);
  }

  /** Ends it at once and for good: the cluster ends, or is restored. */
  close(): void {
    this.#isOver = true;
    this.#end.abort();
    for (const writer of this.#writers) writer.close();
    this.#cluster.detach(this);
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
          'the ledger ended when reset() or restore() replaced the data: what it wrote is gone with the rest; begin another one',
        );
      }
      const { master } = this.#cluster;
      const acknowledged = this.book.acknowledgedIds();
      const present = await this.#read(master);
      // If the master has changed meanwhile, this says nothing of today's master.
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
