import { Deadline } from '../../base/deadline';
import type { Node } from '../../cluster/node/node';
import type { Connection } from '../../postgres/connection';
import { ownApplicationName } from '../../postgres/own-application-name';

const lookMs = 1000;
/** Whoever is refused tries again this much later, and then twice as much later, up to the second. */
const [firstPauseMs, longestPauseMs] = [500, 16_000];

/** What a server says of its WAL and of those that stream it. */
export interface WalSeen {
  /** Null if the server does not write any: it is a slave. */
  readonly written: number | null;
  readonly replayed: readonly { readonly slave: string; readonly lsn: number }[];
}

interface Row extends WalSeen {
  /** Connections that ordinary clients could open besides those that there are. */
  readonly room: number;
}

const sql = `
SELECT CASE WHEN pg_is_in_recovery() THEN NULL
            ELSE (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 END AS written,
       coalesce((SELECT json_agg(json_build_object(
                   'slave', application_name, 'lsn', (replay_lsn - '0/0'::pg_lsn)::float8))
                   FROM pg_stat_replication WHERE replay_lsn IS NOT NULL), '[]') AS replayed,
       (current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int
          - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'))::int
         AS room`;

/**
 * Asks one server about its WAL, over a connection of its own: another one of ours may be waiting,
 * or be waited for. Whatever a test does, this must not be in its way.
 */
export class LagSource {
  readonly #node: Node;
  #connection: Connection | undefined;
  /** How often it has left, so that a connection that was opening meanwhile is closed, too. */
  #left = 0;
  #pauseMs = 0;
  #pausesUntil = 0;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Undefined if nothing could be seen. Never rejects. */
  async look(): Promise<WalSeen | undefined> {
    if (performance.now() < this.#pausesUntil) return undefined;
    const deadline = Deadline.inBackground(lookMs);
    const left = this.#left;
    try {
      const connection = await this.#connect(deadline);
      if (left !== this.#left) {
        connection.destroy();
        return undefined;
      }
      this.#connection = connection;
      const [row] = await connection.query<Row>(sql, [], deadline);
      // The last ones are for clients.
      if (!row || row.room <= 1) this.#rest();
      else this.#pauseMs = 0;
      return left === this.#left ? row : undefined;
    } catch {
      if (left === this.#left) this.#rest();
      return undefined;
    }
  }

  /** Ends its connection: a smart stop would wait for it. */
  leave(): void {
    this.#left += 1;
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  async #connect(deadline: Deadline): Promise<Connection> {
    if (this.#connection?.isOpen) return this.#connection;
    return this.#node.connect('admin', deadline, {
      applicationName: `${ownApplicationName} lag`,
    });
  }

  /** A server that refuses it would log that, each time. */
  #rest(): void {
    this.leave();
    this.#pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, this.#pauseMs * 2));
    this.#pausesUntil = performance.now() + this.#pauseMs;
  }
}
