import { Deadline, formatMs } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import { OneAtATime } from '../../base/one-at-a-time';
import type { EngineNode, NodeSnapshot, Started, StopMode } from '../../engine/engine-node';
import type { Lsn } from '../../postgres/wal/lsn';
import { bornHistory, type WalHistory } from '../../postgres/wal/wal-history';
import { ConnectedNode } from './connected-node';
import type { Credentials } from './credentials';
import type { NodeShape } from './node-shape';

const faultMs = 10_000;
const stopMs = 15_000;
const answerMs = 15_000;
const startMs = 30_000;
/** An engine whose disk is full, or that has much else to do, takes its time. */
const logMs = 15_000;

/** One server of the cluster: what it is now, and how it starts and ends. */
export class Node extends ConnectedNode {
  readonly shape: NodeShape;
  #upstream: Node | undefined;
  #isStandby: boolean;
  #history: WalHistory = bornHistory;
  #lastReplayedLsn: Lsn = '0/0';
  #standsStill = false;
  readonly #turns = new OneAtATime();

  constructor(o: {
    engineNode: EngineNode;
    shape: NodeShape;
    credentials: Credentials;
    database: string;
    ca: string | undefined;
  }) {
    super(o);
    this.shape = o.shape;
    this.#isStandby = o.shape.upstream !== undefined;
  }

  /** The node that it streams from; undefined for a master. */
  get upstream(): Node | undefined {
    return this.#upstream;
  }

  /** Whether it comes up as a slave when it is started. */
  get isStandby(): boolean {
    return this.#isStandby;
  }

  /** The history of its WAL when it last became master; a master's does not change. */
  get history(): WalHistory {
    return this.#history;
  }

  /** How far it had replayed when it last said so. */
  get lastReplayedLsn(): Lsn {
    return this.#lastReplayedLsn;
  }

  becameMaster(history: WalHistory): void {
    this.#upstream = undefined;
    this.#isStandby = false;
    this.#standsStill = false;
    this.#history = history;
    this.noteChange();
  }

  /** It is a slave of this node from now on; it need not run. */
  follows(upstream: Node): void {
    this.#upstream = upstream;
    this.#isStandby = true;
    this.noteChange();
  }

  hasReplayed(lsn: Lsn): void {
    this.#lastReplayedLsn = lsn;
  }

  /** Whether we have stopped its replay for the option `staleReads`, and not for a test. */
  get standsStill(): boolean {
    return this.#standsStill;
  }

  stoppedReplay(): void {
    this.#standsStill = true;
  }

  movesOn(): void {
    this.#standsStill = false;
  }

  /** A server that was started replays. */
  protected override runEnded(): void {
    this.#standsStill = false;
    super.runEnded();
  }

  /** Does one thing at a time to this node, in the order of the calls. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.run(act);
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
  async stop(mode: StopMode, deadline = Deadline.in(stopMs)): Promise<boolean> {
    const before = await this.observe(deadline);
    if (before.state === 'stopped') return false;
    if (before.state !== 'running') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot be stopped: ${before.detail}; ${before.state === 'paused' ? 'unpause it first, or kill it' : 'it is lost'}`,
      );
    }
    // A smart stop would wait for our own connection for ever.
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
    this.runEnded();
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
    this.runEnded();
    return true;
  }

  /** Starts the server and waits until it answers; resolves to undefined if it ran. */
  async start(deadline: Deadline = Deadline.in(startMs)): Promise<Started | undefined> {
    const before = await this.observe(deadline);
    if (before.state === 'running') return undefined;
    if (before.state === 'paused') {
      throw new PgClusterError(
        'ERR_PG_CLUSTER_STATE',
        `${this.name} cannot be started: ${before.detail}; unpause it instead`,
      );
    }
    const started = await this.engineNode.start(deadline);
    this.sawRunning();
    // Nobody may have seen the end of its former run.
    this.runEnded();
    await this.waitUntilAnswering(deadline);
    return started;
  }

  /** Ends the server and replaces its data; nothing runs then. */
  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    this.close();
    await this.engineNode.restore(snapshot, deadline);
    this.sawEnd();
    this.#lastReplayedLsn = '0/0';
  }

  /** A spare that has begun with the node's data of a snapshot, and answers, takes its server's place. */
  becomes(spare: Node): void {
    this.takeServerOf(spare);
    this.runEnded();
    this.#lastReplayedLsn = spare.lastReplayedLsn;
  }

  /** What the server has logged, from `since` (milliseconds since the epoch) on. */
  logs(since = 0): Promise<string> {
    return this.engineNode.logs(since, Deadline.in(logMs));
  }
}
