import { type Deadline, within } from '../base/deadline';
import { codeOf } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import type { Connection } from './connection';

/** A connection that has answered so recently is not asked first whether it still lives. */
const freshMs = 50;

/**
 * A connection that is opened when it is first needed and again when it was lost, for statements of
 * many callers, one after the other. No statement is sent twice: whether it was carried out before
 * its connection was lost, nobody can know.
 */
export class ReconnectingConnection {
  readonly #open: (deadline: Deadline) => Promise<Connection>;
  readonly #turns = new OneAtATime();
  #connection: Connection | undefined;
  #answeredAt = 0;
  /** How often it was closed: one that is being opened meanwhile is closed, too. */
  #closed = 0;

  constructor(open: (deadline: Deadline) => Promise<Connection>) {
    this.#open = open;
  }

  /**
   * The rows of a statement. Whose time is up while others have their turn ends only its own wait;
   * a connection whose statement is not answered in time is closed, and the next gets another.
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

  close(): void {
    this.#closed += 1;
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  /** The connection of before if it lives, which is seen before anything that matters is sent. */
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
