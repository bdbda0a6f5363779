import { beat, type Deadline, poll, Deadline as Until } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import type { Connection } from '../../postgres/connection';
import { holderName } from '../node/holder-name';
import type { Node } from '../node/node';

const atOnce = 8;
const watchMs = 50;

/**
 * Idle connections in every slot of a server. When a client gives up its slot, that is taken too.
 * It is over when the server has ended all of them, because it was killed or restarted: a server
 * that comes back must be able to answer.
 */
export class HeldConnections {
  readonly #node: Node;
  readonly #user: string;
  readonly #held = new Set<Connection>();
  readonly #end = new AbortController();
  #watch: Promise<void> = Promise.resolve();

  private constructor(node: Node, user: string) {
    this.#node = node;
    this.#user = user;
  }

  /**
   * Resolves once the server refuses this user's next connection. Calls `onLost` if it ends by
   * itself.
   */
  static async take(
    node: Node,
    user: string,
    deadline: Deadline,
    onLost: () => void,
  ): Promise<HeldConnections> {
    const held = new HeldConnections(node, user);
    try {
      await held.#fill(await held.#freeSlots(deadline), deadline);
    } catch (error) {
      held.close();
      throw error;
    }
    held.#watch = held.#keepFull(onLost);
    return held;
  }

  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** How many slots are held now. */
  get size(): number {
    return this.#held.size;
  }

  /** Resolves once the slots are free. */
  async release(deadline: Deadline): Promise<void> {
    this.close();
    await this.#watch;
    await poll({
      deadline,
      what: `${this.#node.name} to free the slots that were held`,
      intervalMs: 5,
      look: async () => {
        const [row] = await this.#node.sql<{ n: number }>(
          'SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1',
          [holderName],
          deadline,
        );
        return row?.n === 0 ? { done: undefined } : { seen: `${row?.n} connections` };
      },
    });
  }

  close(): void {
    this.#end.abort();
    for (const connection of this.#held) connection.destroy();
    this.#held.clear();
  }

  /** Takes `free` slots, and then one after the other until there is none. */
  async #fill(free: number, deadline: Deadline): Promise<void> {
    for (let left = free; left > 0; left -= atOnce) {
      const took = await Promise.all(
        Array.from({ length: Math.min(left, atOnce) }, () => this.#takeOne(deadline)),
      );
      if (took.includes(false)) break;
    }
    while (await this.#takeOne(deadline)) {
      if (!deadline.expired) continue;
      throw new PgClusterError(
        'ERR_PG_CLUSTER_TIMEOUT',
        `${this.#node.name} still takes connections after ${this.#held.size} were opened`,
      );
    }
  }

  /** False if the server has no slot. */
  async #takeOne(deadline: Deadline): Promise<boolean> {
    if (this.#end.signal.aborted) return false;
    try {
      const connection = await this.#node.connect('holder', deadline, {
        applicationName: holderName,
      });
      if (this.#end.signal.aborted) connection.destroy();
      else this.#held.add(connection);
      return true;
    } catch (error) {
      if (codeOf(error) === '53300') return false;
      throw error;
    }
  }

  async #keepFull(onLost: () => void): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      await beat(watchMs, signal);
      if (signal.aborted) return;
      for (const connection of this.#held) {
        if (!connection.isOpen) this.#held.delete(connection);
      }
      if (this.#held.size === 0) {
        onLost();
        return;
      }
      try {
        const deadline = Until.in(1000);
        // Asking first keeps refusals out of the server's log.
        const free = await this.#freeSlots(deadline);
        const isSameServer = [...this.#held].some(({ isOpen }) => isOpen);
        if (free > 0 && isSameServer) await this.#fill(free, deadline);
      } catch {
        // Frozen, cut off or on its way down: the connections show which, sooner or later.
      }
    }
  }

  /** Those that the user can have. From PostgreSQL 16 on there is a second kind of reserve. */
  async #freeSlots(deadline: Deadline): Promise<number> {
    const [row] = await this.#node.sql<{ free: number }>(
      `SELECT current_setting('max_connections')::int - count(*)::int
           - CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = $1) THEN 0
             ELSE current_setting('superuser_reserved_connections')::int
               + coalesce(current_setting('reserved_connections', true), '0')::int END AS free
         FROM pg_stat_activity WHERE backend_type = 'client backend'`,
      [this.#user],
      deadline,
    );
    return row?.free ?? 0;
  }
}
