import { Deadline, poll } from '../../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../../base/errors';
import type { EngineNode, EngineNodeState } from '../../engine/engine-node';
import type { CutFrom } from '../../engine/network-state';
import { Connection, type ConnectionOptions, type Login } from '../../postgres/connection';
import { ReconnectingConnection } from '../../postgres/reconnecting-connection';
import { quickRounds } from '../../postgres/scram';
import type { Credentials } from './credentials';
import { adminRole } from './database-roles';
import { ObservedNode } from './observed-node';
import { RefusedConnections } from './refused-connections';

const queryMs = 10_000;
/** How long one attempt to be answered may take after some that took too long. */
const mostPatienceMs = 8000;

/** A node that takes connections: the handle's own, which is kept open, and clients'. */
export class ConnectedNode extends ObservedNode {
  readonly #credentials: Credentials;
  readonly #database: string;
  readonly #ca: string | undefined;
  readonly #admin = new ReconnectingConnection((deadline) =>
    Connection.open(this.#login('postgres'), deadline, { ours: true }),
  );

  constructor(o: {
    engineNode: EngineNode;
    credentials: Credentials;
    database: string;
    /** The authority that clients know the server by; undefined: they speak no TLS. */
    ca: string | undefined;
  }) {
    super(o.engineNode);
    this.#ca = o.ca;
    this.#credentials = o.credentials;
    this.#database = o.database;
  }

  /** Takes the server of another node, which runs, and our connection to it. */
  protected takeServerOf(other: ConnectedNode): void {
    this.#admin.takeOver(other.#admin);
    this.replacedBy(other.engineNode);
    this.sawRunning();
  }

  override async cutOff(
    from: CutFrom | undefined,
    seen: EngineNodeState,
    deadline: Deadline,
  ): Promise<void> {
    const before = this.cutFrom;
    await super.cutOff(from, seen, deadline);
    // Our connection has lost packets, and the kernel's next try may be far away.
    if (this.cutFrom !== before && !this.wired) this.close();
  }

  /**
   * Resolves once the server answers a query over TCP, and lets clients in; fails at once if the
   * server has ended, and within seconds if it listens where this process cannot reach it.
   */
  async waitUntilAnswering(deadline: Deadline): Promise<void> {
    // Nobody could see it answer; reconnect() waits for that.
    if (this.isOutOfReach) return;
    await this.#untilItAnswers(deadline);
    await this.wired?.clientsAdmitted(deadline);
  }

  async #untilItAnswers(deadline: Deadline): Promise<void> {
    let lookedAt = performance.now();
    let seen = 'nothing yet';
    // Packets may be lost while a network is being made; on the way to a distant or busy engine it may be
    // the answer that takes longer.
    let patienceMs = 1000;
    const refused = new RefusedConnections(this.engineNode);
    await poll({
      deadline,
      what: `${this.name} to answer a query`,
      intervalMs: 5,
      look: async () => {
        try {
          await this.sql('SELECT 1', [], deadline.atMost(patienceMs));
          this.sawRunning();
          return { done: undefined };
        } catch (error) {
          // An attempt that ran out of time says nothing about the node.
          if (deadline.expired) return { seen };
          seen = messageOf(error);
          if (codeOf(error) === 'ERR_PG_CLUSTER_TIMEOUT') {
            patienceMs = Math.min(2 * patienceMs, mostPatienceMs);
          }
          if (isHotStandbyOff(error)) {
            throw new PgClusterError(
              'ERR_PG_CLUSTER_STATE',
              `${this.name} answers nobody: it is a slave whose setting hot_standby was turned off; pgCluster.reset() or restore() starts anew`,
            );
          }
          if (performance.now() - lookedAt > 200) {
            lookedAt = performance.now();
            const { state, detail } = await this.observe(deadline);
            if (state !== 'running') {
              throw new PgClusterError(
                'ERR_PG_CLUSTER_STATE',
                `${this.name} ended instead of answering: ${detail}`,
              );
            }
            await refused.note(error, deadline);
          }
          return { seen };
        }
      },
    });
  }

  /** Rows of a statement run by the handle itself, over one connection that is kept. */
  async sql<R>(text: string, params: readonly unknown[], deadline: Deadline): Promise<R[]> {
    this.#requireInReach();
    return this.#admin.query(text, params, deadline);
  }

  /** Rows of a user's statement, on a connection of its own to the tests' database. */
  async query<R>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    const { state, detail } = await this.observe();
    if (state !== 'running') {
      const help = { paused: 'unpause it first', stopped: 'start it first', gone: 'it is lost' }[
        state
      ];
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot answer a query: ${detail}; ${help}`,
      );
    }
    this.#requireInReach();
    const deadline = Deadline.in(queryMs);
    try {
      const connection = await Connection.open(this.#login(this.#database), deadline);
      try {
        return await connection.query<R>(text, params, deadline);
      } finally {
        connection.destroy();
      }
    } catch (error) {
      if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
      const seen = await this.observe().catch((reason) => ({ detail: messageOf(reason) }));
      throw new PgClusterError(
        'ERR_PG_CLUSTER_TIMEOUT',
        `${this.name}: ${messageOf(error)}; ${seen.detail}. The query was: ${shorten(text)}`,
      );
    }
  }

  /**
   * A connection as a client has it, to the tests' database; one with a client's rights that goes
   * past the wire; or one of the handle's own.
   */
  connect(
    as: 'client' | 'holder' | 'admin',
    deadline: Deadline,
    o: ConnectionOptions = {},
  ): Promise<Connection> {
    const admin = this.#login('postgres');
    if (as === 'admin') return Connection.open(admin, deadline, { ...o, ours: true });
    const endpoint = as === 'client' ? this.engineNode.endpoint : admin.endpoint;
    const { user, password } = this.#credentials;
    const login = { endpoint, user, password, database: this.#database, ca: this.#ca };
    return Connection.open(login, deadline, o);
  }

  /** Ends our own connection. */
  close(): void {
    this.#admin.close();
  }

  /** @throws `ERR_PG_CLUSTER_STATE` if it is cut off from its clients: no answer would come */
  requireInReachOfClients(): void {
    if (this.cutFrom === 'clients' || this.cutFrom === 'all') this.#refuse();
  }

  #requireInReach(): void {
    if (this.isOutOfReach) this.#refuse();
  }

  #refuse(): never {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot answer a query: it is disconnected from its clients; reconnect() it first`,
    );
  }

  #login(database: string): Login {
    return {
      endpoint: this.wired?.server ?? this.engineNode.endpoint,
      user: adminRole,
      password: this.#credentials.adminPassword,
      rounds: quickRounds,
      database,
    };
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** The server refuses every new connection (57P03) with this detail. */
function isHotStandbyOff(error: unknown): boolean {
  const { detail } = error as { readonly detail?: unknown };
  return typeof detail === 'string' && /Hot standby mode is disabled/.test(detail);
}
