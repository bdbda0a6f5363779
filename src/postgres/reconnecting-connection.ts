import { type Deadline, within } from '../base/deadline';
import { codeOf } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import type { Connection } from './connection';

/** A connection that answered this recently is used without a check that it is still alive. */
const freshMs = 50;

/**
 * A connection for statements of many callers, which run one after the other. It opens when it is
 * first needed, and again after it was lost. No statement is ever sent twice: when a connection is
 * lost, nobody can know whether its statement was carried out.
 */
export class ReconnectingConnection {
  readonly #open: (deadline: Deadline) => Promise<Connection>;
  readonly #turns = new OneAtATime();
  #connection: Connection | undefined;
  #answeredAt = 0;
  /** How often it was closed, so that a connection that was opening meanwhile is closed, too. */
  #closed = 0;

  constructor(open: (deadline: Deadline) => Promise<Connection>) {
    this.#open = open;
  }

  /**
   * The rows of a statement. If time is up while earlier statements still run, only this wait ends.
   * If it is up while this statement runs, the connection is closed, and the next statement opens
   * another one.
   */
  query<R>(text: string, params: readonly unknown[], deadline: Deadline): Promise<R[]> {
    return within(deadline, 'the answer to a query', (signal) =>
      this.#turns.run(async () => {
        signal.throwIfAborted();
        const connection = await this.#usable(deadline);
        const rows = await connection.query<R>(text, params, deadline);
        this.#answeredAt = performance.now();
        return rows;
      }),
    );
  }

  /** Uses the connection of another one from now on, which has none then. */
  takeOver(other: ReconnectingConnection): void {
    this.close();
    this.#connection = other.#connection;
    this.#answeredAt = other.#answeredAt;
    other.#connection = undefined;
  }

  close(): void {
    this.#closed += 1;
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  /**
   * The last connection if it is still alive. That is checked before anything that matters is sent.
   */
  async #usable(deadline: Deadline): Promise<Connection> {
    const kept = this.#connection;
    if (kept?.isOpen && (this.#isFresh || (await answers(kept, deadline)))) return kept;
    const closed = this.#closed;
    const connection = await this.#open(deadline);
    if (closed !== this.#closed) {
      connection.destroy();
      throw new Error('the connection was closed while it was opened');
    }
    this.#connection = connection;
    return connection;
  }

  get #isFresh(): boolean {
    return performance.now() - this.#answeredAt < freshMs;
  }
}

async function answers(connection: Connection, deadline: Deadline): Promise<boolean> {
  try {
    await connection.query('SELECT 1', [], deadline);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ERR_PG_CLUSTER_TIMEOUT') throw error;
    connection.destroy();
    return false;
  }
}
