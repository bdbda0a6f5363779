import type { Connection } from '../connection';
import type { Deadline } from '../deadline';

/** A connection that is opened when it is first needed and again when it was lost. */
export class KeptConnection {
  readonly #open: (deadline: Deadline) => Promise<Connection>;
  #connection: Promise<Connection> | undefined;

  constructor(open: (deadline: Deadline) => Promise<Connection>) {
    this.#open = open;
  }

  async query<R>(text: string, params: readonly unknown[], deadline: Deadline): Promise<R[]> {
    for (let attempt = 1; ; attempt += 1) {
      const wasOpen = this.#connection !== undefined;
      try {
        this.#connection ??= this.#open(deadline);
        const connection = await this.#connection;
        return await connection.query<R>(text, params, deadline);
      } catch (error) {
        const used = this.#connection;
        const broken = !(await used?.catch(() => undefined))?.isOpen;
        if (broken && this.#connection === used) this.#connection = undefined;
        // It may have ended with a server that has been restarted since.
        if (!(broken && wasOpen && attempt === 1) || deadline.expired) throw error;
      }
    }
  }

  close(): void {
    this.#connection?.then((connection) => connection.destroy()).catch(() => {});
    this.#connection = undefined;
  }
}
