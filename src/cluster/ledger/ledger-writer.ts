import { beat, Deadline } from '../../base/deadline';
import { codeOf, messageOf } from '../../base/errors';
import type { Connection } from '../../postgres/connection';
import { ownApplicationName } from '../../postgres/own-application-name';
import type { Cluster } from '../cluster';
import type { Node } from '../node/node';
import type { LedgerBook, WriteOutcome } from './ledger-book';

/**
 * The pause after a refusal, which comes at once: asking again without one would only burn CPU
 * time.
 */
const pauseAfterFailureMs = 20;

interface WriterOptions {
  readonly cluster: Cluster;
  readonly book: LedgerBook;
  /** The statement that writes this id. */
  readonly insert: (id: number) => string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Ends the writing after the current write. */
  readonly signal: AbortSignal;
}

/** One connection of a ledger: writes to whoever is master, one row after the other. */
export class LedgerWriter {
  readonly #o: WriterOptions;
  #connection: Connection | undefined;
  #node: Node | undefined;
  #warned = false;
  #closed = false;
  #lastProblem = 'none';

  constructor(o: WriterOptions) {
    this.#o = o;
  }

  /** Why the last write was not acknowledged. */
  get lastProblem(): string {
    return this.#lastProblem;
  }

  /** Writes until the signal is aborted. Never rejects. */
  async run(): Promise<void> {
    const { book, intervalMs, signal } = this.#o;
    while (!signal.aborted) {
      const id = book.begin();
      const outcome = await this.#write(id);
      book.end(id, outcome);
      const pauseMs = outcome === 'failed' ? pauseAfterFailureMs : 0;
      await beat(Math.max(intervalMs, pauseMs), signal);
    }
    this.close();
  }

  /** Closes the connection at once, also under a write. */
  close(): void {
    this.#closed = true;
    this.#connection?.destroy();
  }

  async #write(id: number): Promise<WriteOutcome> {
    const { cluster, insert, timeoutMs } = this.#o;
    const deadline = Deadline.in(timeoutMs);
    let master: Node;
    let connection: Connection;
    try {
      master = cluster.master;
      connection = await this.#connect(master, deadline);
    } catch (error) {
      // Nothing was sent, so nothing can be there.
      return this.#ended('failed', messageOf(error));
    }
    this.#warned = false;
    try {
      await connection.query(insert(id), [], deadline);
    } catch (error) {
      if (isRefusal(error)) return this.#ended('failed', messageOf(error));
      connection.destroy();
      return this.#ended('unknown', messageOf(error));
    }
    if (this.#warned) return this.#ended('unknown', 'the wait for slaves was cancelled');
    // The word of a former master is worth nothing.
    if (cluster.master !== master) return this.#ended('unknown', 'the master has changed');
    return 'acknowledged';
  }

  #ended(outcome: WriteOutcome, problem: string): WriteOutcome {
    this.#lastProblem = problem;
    return outcome;
  }

  async #connect(node: Node, deadline: Deadline): Promise<Connection> {
    if (this.#connection?.isOpen && this.#node === node) return this.#connection;
    this.#connection?.destroy();
    const connection = await node.connect('client', deadline, {
      applicationName: `${ownApplicationName} ledger`,
      settings: { client_min_messages: 'warning' },
      // When a commit's wait for slaves is cancelled, the client gets a success with a warning that
      // the row may not be on any slave (SyncRepWaitForLSN). A ledger does not take that for an
      // acknowledgement. An insert into a bare table gives no other warning.
      onNotice: () => {
        this.#warned = true;
      },
    });
    if (this.#closed) {
      connection.destroy();
      throw new Error('the ledger was closed');
    }
    this.#connection = connection;
    this.#node = node;
    return connection;
  }
}

/**
 * Whether an error of a single-statement transaction proves that it was not committed. A server
 * that ends a connection (FATAL, PANIC; shutdown, crash) may have committed before. So may one
 * whose severities are not in English.
 */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  const { severity } = error as { severity?: unknown };
  return severity === 'ERROR' && code !== undefined && !/^(08|57P|40003)/.test(code);
}
