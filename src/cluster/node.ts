import { Deadline, formatMs, poll } from '../base/deadline';
import { codeOf, messageOf, PgClusterError } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import type {
  EngineNode,
  EngineNodeState,
  NetworkState,
  NodeSnapshot,
  Started,
  StopMode,
} from '../engine/engine';
import { Connection, type ConnectionOptions, type Login } from '../postgres/connection';
import { ReconnectingConnection } from '../postgres/reconnecting-connection';
import { quickRounds } from '../postgres/scram';
import { bornHistory, type WalHistory } from '../postgres/wal-history';
import type { Credentials } from './credentials';
import { ObservedNode } from './observed-node';
import { Refusals } from './refusals';
import { adminRole } from './roles';
import type { NodeShape } from './shape';

const faultMs = 10_000;
const stopMs = 15_000;
const answerMs = 15_000;
const startMs = 30_000;
const queryMs = 10_000;
const logMs = 5_000;

/** One server of the cluster: what the engine knows of it and what SQL tells. */
export class Node extends ObservedNode {
  /** The node that it streams from; undefined for a master. */
  upstream: Node | undefined;
  readonly shape: NodeShape;
  /** Whether it comes up as a slave when it is started. */
  isStandby: boolean;
  /** That of its WAL when it last became master; a master's does not change. */
  history: WalHistory = bornHistory;
  /** How far it had replayed when it last said so. */
  lastReplayedLsn = '0/0';
  readonly #credentials: Credentials;
  readonly #database: string;
  readonly #admin = new ReconnectingConnection((deadline) =>
    Connection.open(this.#login('postgres'), deadline, { ours: true }),
  );
  readonly #turns = new OneAtATime();

  constructor(o: {
    engineNode: EngineNode;
    shape: NodeShape;
    credentials: Credentials;
    database: string;
  }) {
    super(o.engineNode);
    this.shape = o.shape;
    this.isStandby = o.shape.upstream !== undefined;
    this.#credentials = o.credentials;
    this.#database = o.database;
  }

  /** Runs acts on this node one after the other, in the order of the calls. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.run(act);
  }

  override async setNetwork(
    change: Partial<NetworkState>,
    seen: EngineNodeState,
    deadline: Deadline,
  ): Promise<void> {
    const before = this.cutFrom;
    await super.setNetwork(change, seen, deadline);
    // Our connection's packets were lost, and the kernel's next try may be far away.
    if (this.cutFrom !== before) this.close();
  }

  /** Freezes the server; resolves to false if it was frozen already. */
  async pause(): Promise<boolean> {
    const deadline = Deadline.in(faultMs);
    const before = await this.observe(deadline);
    if (before.state === 'paused') return false;
    this.requireAlive(before, 'be paused');
    await this.engineNode.pause(deadline);
    await this.expectState('paused', deadline);
    return true;
  }

  /** Thaws the server and waits until it answers; resolves to false if it was not frozen. */
  async unpause(deadline: Deadline = Deadline.in(answerMs)): Promise<boolean> {
    const before = await this.observe(deadline);
    this.requireAlive(before, 'be unpaused');
    if (before.state === 'running') return false;
    await this.engineNode.unpause(deadline);
    await this.expectState('running', deadline);
    await this.waitUntilAnswering(deadline);
    return true;
  }

  /** Ends the server; resolves to false if it had ended already. */
  async stop(mode: StopMode): Promise<boolean> {
    const deadline = Deadline.in(stopMs);
    const before = await this.observe(deadline);
    if (before.state === 'stopped') return false;
    if (before.state !== 'running') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot be stopped: ${before.detail}; ${before.state === 'paused' ? 'unpause it first, or kill it' : 'it is lost'}`,
      );
    }
    // Ours would make a smart stop wait for ever.
    this.close();
    try {
      await this.engineNode.stop(mode, deadline);
    } catch (error) {
      if (codeOf(error) !== 'ERR_PG_CLUSTER_TIMEOUT') throw error;
      const waitsFor =
        mode === 'smart'
          ? 'for its clients to leave'
          : 'for a slave that streams from it and does not answer';
      throw new PgClusterError(
        'ERR_PG_CLUSTER_TIMEOUT',
        `${this.name} has not ended ${formatMs(deadline.elapsedMs)} after a ${mode} stop; it may be waiting ${waitsFor}. stop('immediate') or kill() waits for nobody`,
      );
    }
    this.sawEnd();
    this.watcher?.runEnded(this.name);
    return true;
  }

  /** Ends the server at once; resolves to false if it had ended already. */
  async kill(): Promise<boolean> {
    const deadline = Deadline.in(faultMs);
    const before = await this.observe(deadline);
    if (before.state === 'stopped') return false;
    this.requireAlive(before, 'be killed');
    this.close();
    await this.engineNode.kill(deadline);
    await this.expectState('stopped', deadline);
    this.watcher?.runEnded(this.name);
    return true;
  }

  /** Starts the server and waits until it answers; resolves to undefined if it ran. */
  async start(deadline: Deadline = Deadline.in(startMs)): Promise<Started | undefined> {
    const before = await this.observe(deadline);
    if (before.state === 'running') return undefined;
    if (before.state === 'paused') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot be started: ${before.detail}; unpause it`,
      );
    }
    const started = await this.engineNode.start(deadline);
    this.state = 'running';
    // Its former run may have ended by itself.
    this.watcher?.runEnded(this.name);
    await this.waitUntilAnswering(deadline);
    return started;
  }

  /** Ends the server and replaces its data; nothing runs then. */
  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    this.close();
    await this.engineNode.restore(snapshot, deadline);
    this.sawEnd();
    this.isStandby = snapshot.role === 'slave';
    this.lastReplayedLsn = '0/0';
  }

  /**
   * Resolves once the server answers a query over TCP; fails at once if the server has ended, and
   * within seconds if it listens where nobody here can get to it.
   */
  async waitUntilAnswering(deadline: Deadline): Promise<void> {
    // Nobody could tell; it answers once it is reconnected.
    if (this.isOutOfReach) return;
    let lookedAt = performance.now();
    let seen = 'nothing yet';
    const refusals = new Refusals(this.engineNode);
    await poll({
      deadline,
      what: `${this.name} to answer a query`,
      intervalMs: 5,
      look: async () => {
        try {
          await this.sql('SELECT 1', [], deadline.atMost(1000));
          this.state = 'running';
          return { done: undefined };
        } catch (error) {
          // What fails for lack of time says nothing of the node.
          if (deadline.expired) return { seen };
          seen = messageOf(error);
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
            await refusals.note(error, deadline);
          }
          return { seen };
        }
      },
    });
  }

  /** Rows of a statement run by the handle itself, over one connection that is kept. */
  async sql<R>(text: string, params: readonly unknown[], deadline: Deadline): Promise<R[]> {
    this.requireInReach();
    return this.#admin.query(text, params, deadline);
  }

  /** Rows of a user's statement, on a connection of its own to the tests' database. */
  async query<R>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    const { state, detail } = await this.observe();
    if (state !== 'running') {
      const help = state === 'paused' ? 'unpause it first' : 'it has to run to be asked';
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot answer a query: ${detail}; ${help}`,
      );
    }
    this.requireInReach();
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

  /** A session as a client has it, in the tests' database, or one of the handle's own. */
  connect(
    as: 'client' | 'admin',
    deadline: Deadline,
    o: ConnectionOptions = {},
  ): Promise<Connection> {
    if (as === 'admin') {
      return Connection.open(this.#login('postgres'), deadline, { ...o, ours: true });
    }
    const { endpoint } = this.engineNode;
    const { user, password } = this.#credentials;
    return Connection.open({ endpoint, user, password, database: this.#database }, deadline, o);
  }

  logs(since = 0): Promise<string> {
    return this.engineNode.logs(since, Deadline.in(logMs));
  }

  /** Ends our own connection. */
  close(): void {
    this.#admin.close();
  }

  #login(database: string): Login {
    return {
      endpoint: this.engineNode.endpoint,
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

/** It says so in the detail of its refusal (57P03), to each who connects. */
function isHotStandbyOff(error: unknown): boolean {
  const { detail } = error as { readonly detail?: unknown };
  return typeof detail === 'string' && /Hot standby mode is disabled/.test(detail);
}
