import { Connection, type Login, type SessionOptions } from '../connection';
import { Deadline, formatMs, poll, seenAs } from '../deadline';
import type { CutFrom, EngineNode, EngineNodeState, Origin, StopMode } from '../engine/engine';
import { codeOf, messageOf, PgClusterError } from '../errors';
import { Turns } from '../turns';
import type { Credentials } from './credentials';
import { KeptConnection } from './kept-connection';
import { adminRole } from './roles';
import type { NodeShape } from './shape';

const faultMs = 10_000;
const stopMs = 15_000;
const answerMs = 15_000;
const startMs = 30_000;
const queryMs = 10_000;
const logMs = 5_000;

/** One server of the cluster: what the engine knows of it and what SQL tells. */
export class Node {
  /** Another one after it was removed and made again. */
  engineNode: EngineNode;
  /** What was last seen; others may pause or kill a container too. */
  state: 'running' | 'paused' | 'stopped' = 'stopped';
  /** The node that it streams from; undefined for a master. */
  upstream: Node | undefined;
  readonly shape: NodeShape;
  /** Whether it comes up as a slave when it is started. */
  isStandby: boolean;
  /** How far it had replayed when it last said so. */
  lastReplayedLsn = '0/0';
  /** Whom its packets do not reach, and in which run of the server: the cut ends with that. */
  #cut: { readonly from: CutFrom; readonly startedAt: string } | undefined;
  readonly #credentials: Credentials;
  readonly #database: string;
  readonly #admin = new KeptConnection((deadline) =>
    Connection.open(this.#login('postgres'), deadline, {
      // What the handle does must work on a master that was made read-only, too.
      settings: { default_transaction_read_only: 'off' },
    }),
  );
  readonly #turns = new Turns();

  constructor(o: {
    engineNode: EngineNode;
    shape: NodeShape;
    credentials: Credentials;
    database: string;
  }) {
    this.engineNode = o.engineNode;
    this.shape = o.shape;
    this.isStandby = o.shape.upstream !== undefined;
    this.#credentials = o.credentials;
    this.#database = o.database;
  }

  get name(): string {
    return this.engineNode.name;
  }

  /** Runs acts on this node one after the other, in the order of the calls. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.take(act);
  }

  /** What the engine sees now. */
  async observe(deadline: Deadline = Deadline.in(faultMs)): Promise<EngineNodeState> {
    const seen = await this.engineNode.state(deadline);
    this.state = seen.state === 'gone' ? 'stopped' : seen.state;
    if (this.state === 'stopped' || this.#cut?.startedAt !== seen.startedAt) this.#cut = undefined;
    return seen;
  }

  /** @throws `ERR_PG_CLUSTER_STATE` unless it runs. `what` completes "cannot …". */
  async requireRunning(what: string, deadline: Deadline = Deadline.in(faultMs)): Promise<void> {
    const seen = await this.observe(deadline);
    if (seen.state === 'running') return;
    this.#requireAlive(seen, what);
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot ${what}: ${seen.detail}; unpause it first`,
    );
  }

  /** What the engine sees; @throws `ERR_PG_CLUSTER_STATE` unless it runs, be it frozen. */
  async observeAlive(what: string, deadline: Deadline): Promise<EngineNodeState> {
    const seen = await this.observe(deadline);
    this.#requireAlive(seen, what);
    return seen;
  }

  /** Whom it is cut off from now, as far as was last seen. */
  get cutFrom(): CutFrom | undefined {
    return this.state === 'stopped' ? undefined : this.#cut?.from;
  }

  /** Says whom it is cut off from now. `seen` is what was observed when it was done. */
  setCutFrom(from: CutFrom | undefined, seen: EngineNodeState): void {
    this.#cut = from && { from, startedAt: seen.startedAt };
    // Our connection's packets were lost, and the kernel's next try may be far away.
    this.close();
  }

  /** Whether clients, and so we, cannot reach it. */
  get #isOutOfReach(): boolean {
    return this.cutFrom === 'clients' || this.cutFrom === 'all';
  }

  /** Freezes the server; resolves to false if it was frozen already. */
  async pause(): Promise<boolean> {
    const deadline = Deadline.in(faultMs);
    const before = await this.observe(deadline);
    if (before.state === 'paused') return false;
    this.#requireAlive(before, 'be paused');
    await this.engineNode.pause(deadline);
    await this.#expectState('paused', deadline);
    return true;
  }

  /** Thaws the server and waits until it answers; resolves to false if it was not frozen. */
  async unpause(deadline: Deadline = Deadline.in(answerMs)): Promise<boolean> {
    const before = await this.observe(deadline);
    this.#requireAlive(before, 'be unpaused');
    if (before.state === 'running') return false;
    await this.engineNode.unpause(deadline);
    await this.#expectState('running', deadline);
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
    this.state = 'stopped';
    return true;
  }

  /** Ends the server at once; resolves to false if it had ended already. */
  async kill(): Promise<boolean> {
    const deadline = Deadline.in(faultMs);
    const before = await this.observe(deadline);
    if (before.state === 'stopped') return false;
    this.#requireAlive(before, 'be killed');
    this.close();
    await this.engineNode.kill(deadline);
    await this.#expectState('stopped', deadline);
    return true;
  }

  /** Starts the server and waits until it answers; resolves to false if it ran. */
  async start(deadline: Deadline = Deadline.in(startMs)): Promise<boolean> {
    const before = await this.observe(deadline);
    if (before.state === 'running') return false;
    if (before.state === 'paused') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot be started: ${before.detail}; unpause it`,
      );
    }
    await this.engineNode.start(deadline);
    this.state = 'running';
    await this.waitUntilAnswering(deadline);
    return true;
  }

  /** Ends the server and replaces its data; nothing runs then. */
  async renew(origin: Origin, deadline: Deadline): Promise<void> {
    this.close();
    await this.engineNode.renew(origin, deadline);
    this.state = 'stopped';
    this.isStandby = origin.role === 'slave';
    this.lastReplayedLsn = '0/0';
    this.#cut = undefined;
  }

  /** Resolves once the server answers a query over TCP; fails at once if the server has ended. */
  async waitUntilAnswering(deadline: Deadline): Promise<void> {
    // Nobody could tell; it answers once it is reconnected.
    if (this.#isOutOfReach) return;
    let lookedAt = performance.now();
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
          if (performance.now() - lookedAt > 200) {
            lookedAt = performance.now();
            const { state, detail } = await this.observe(deadline);
            if (state !== 'running') {
              throw new PgClusterError(
                'ERR_PG_CLUSTER_STATE',
                `${this.name} ended instead of answering: ${detail}`,
              );
            }
          }
          return seenAs(error);
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
      const help = state === 'paused' ? 'unpause it first' : 'it has to run to be asked';
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

  /** A session as a client has it, in the tests' database, or one of the handle's own. */
  connect(as: 'client' | 'admin', deadline: Deadline, o: SessionOptions = {}): Promise<Connection> {
    if (as === 'admin') return Connection.open(this.#login('postgres'), deadline, o);
    const { user, password } = this.#credentials;
    return Connection.open({ ...this.#login(this.#database), user, password }, deadline, o);
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
      database,
    };
  }

  async #expectState(wanted: 'running' | 'paused' | 'stopped', deadline: Deadline): Promise<void> {
    await poll({
      deadline,
      what: `${this.name} to be ${wanted}`,
      intervalMs: 5,
      look: async () => {
        const { state, detail } = await this.observe(deadline);
        return state === wanted ? { done: undefined } : { seen: detail };
      },
    });
  }

  /** It would only cost time to see that no answer comes. */
  #requireInReach(): void {
    if (!this.#isOutOfReach) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot answer a query: it is disconnected from its clients; reconnect() it first`,
    );
  }

  #requireAlive(seen: EngineNodeState, what: string): void {
    if (seen.state === 'running' || seen.state === 'paused') return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot ${what}: ${seen.detail}${seen.state === 'stopped' ? '; start it first' : ''}`,
    );
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
