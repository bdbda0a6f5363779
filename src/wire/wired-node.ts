import { CleanupStack } from '../base/cleanup-stack';
import { Deadline } from '../base/deadline';
import type { Engine } from '../engine/engine';
import type {
  EngineNode,
  EngineNodeState,
  NextStart,
  NodeSnapshot,
  Started,
  StopMode,
} from '../engine/engine-node';
import type { CutFrom, NetworkState } from '../engine/network-state';
import type { Endpoint } from '../postgres/endpoint';
import type { Front } from './front';

/** How long a server may take to end that nobody could have connected to. */
const undoMs = 10_000;

/** A node with a wire in front of its server. */
export class WiredNode implements EngineNode {
  readonly front: Front;
  readonly #inner: EngineNode;
  readonly #nodesMeet: Engine['nodesMeet'];
  readonly #opening: Promise<void>;
  readonly #onRemoved: () => void;
  /** Under way since the server was started. */
  #admission: Promise<void> | undefined;
  #mayHaveRun = false;
  /** Whether the engine itself may lose packets between nodes. */
  #isCutByEngine = false;

  constructor(o: {
    inner: EngineNode;
    front: Front;
    nodesMeet: Engine['nodesMeet'];
    /** Resolves when the front is open. */
    opening: Promise<void>;
    onRemoved: () => void;
  }) {
    this.#inner = o.inner;
    this.front = o.front;
    this.#nodesMeet = o.nodesMeet;
    this.#opening = o.opening;
    this.#onRemoved = o.onRemoved;
    // Whoever starts the node hears of it.
    o.opening.catch(() => {});
  }

  get name(): string {
    return this.#inner.name;
  }

  get endpoint(): Endpoint {
    return this.front.endpoint;
  }

  /** Where the server itself listens: our own sessions go past the wire. */
  get server(): Endpoint {
    return this.#inner.endpoint;
  }

  async start(deadline: Deadline): Promise<Started> {
    // Its former run may have ended unseen.
    if (this.#mayHaveRun) await this.front.refuseAll(deadline);
    this.#mayHaveRun = true;
    this.#isCutByEngine = false;
    const started = await this.#inner.start(deadline);
    try {
      await this.#opening;
    } catch (error) {
      const cleanup = new CleanupStack();
      cleanup.add(`the server of ${this.name}`, (by) => this.#inner.kill(by));
      throw await cleanup.runAfter(error, Deadline.in(undoMs));
    }
    this.#admit(deadline);
    return started;
  }

  /** Resolves once clients get in. The server has just answered a query. */
  async clientsAdmitted(deadline: Deadline): Promise<void> {
    await (this.#admission ?? this.front.admit(deadline));
    await this.front.noteSettled(deadline);
  }

  async stop(mode: StopMode, deadline: Deadline): Promise<void> {
    await this.front.letClientsLeave(deadline);
    await this.#inner.stop(mode, deadline);
    await this.front.refuseAll(deadline);
  }

  async kill(deadline: Deadline): Promise<void> {
    await this.#inner.kill(deadline);
    await this.front.refuseAll(deadline);
  }

  setNextStart(next: NextStart, deadline: Deadline): Promise<void> {
    return this.#inner.setNextStart(next, deadline);
  }

  /** If the wire's process has ended, another one takes its place here. */
  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    await this.#inner.restore(snapshot, deadline);
    this.#isCutByEngine = false;
    if (this.front.hasEnded) await this.front.open(deadline);
    else await this.front.asNew(deadline);
  }

  expectRestore(snapshot: NodeSnapshot): void {
    this.#inner.expectRestore(snapshot);
  }

  async pause(deadline: Deadline): Promise<void> {
    await this.#inner.pause(deadline);
    await this.front.noteFrozen(true, deadline);
  }

  async unpause(deadline: Deadline): Promise<void> {
    await this.#inner.unpause(deadline);
    await this.front.noteFrozen(false, deadline);
  }

  /** Clients meet the wire; the other nodes do so only where they meet on loopback. */
  async setNetwork({ cut }: NetworkState, deadline: Deadline): Promise<void> {
    if (this.#nodesMeet === 'in a network') {
      const ofEngine = withoutClients(cut);
      if (ofEngine !== undefined || this.#isCutByEngine) {
        await this.#inner.setNetwork({ cut: ofEngine }, deadline);
        this.#isCutByEngine = ofEngine !== undefined;
      }
    }
    await this.front.cut(this.#nodesMeet === 'on loopback' ? cut : withoutNodes(cut), deadline);
  }

  fillDisk(deadline: Deadline): Promise<void> {
    return this.#inner.fillDisk(deadline);
  }

  freeDisk(deadline: Deadline): Promise<void> {
    return this.#inner.freeDisk(deadline);
  }

  state(deadline: Deadline): Promise<EngineNodeState> {
    return this.#inner.state(deadline);
  }

  whyUnreachable(refusedMs: number, deadline: Deadline): Promise<string | undefined> {
    return this.#inner.whyUnreachable(refusedMs, deadline);
  }

  logs(since: number, deadline: Deadline): Promise<string> {
    return this.#inner.logs(since, deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    const cleanup = new CleanupStack();
    cleanup.add('its ports', this.#onRemoved);
    cleanup.add(`what stands in front of ${this.name}`, (by) => this.front.close(by));
    cleanup.add(`the server of ${this.name}`, (by) => this.#inner.remove(by));
    await cleanup.run(deadline);
  }

  /** The server is gone, and nobody will ask for this node any more. */
  async closeFront(deadline: Deadline): Promise<void> {
    this.#onRemoved();
    await this.front.close(deadline);
  }

  #admit(deadline: Deadline): void {
    const admission = this.front.admit(deadline);
    this.#admission = admission;
    const isOver = () => {
      if (this.#admission === admission) this.#admission = undefined;
    };
    admission.then(isOver, isOver);
  }
}

function withoutClients(cut: CutFrom | undefined): CutFrom | undefined {
  return cut === 'cluster' || cut === 'all' ? 'cluster' : undefined;
}

function withoutNodes(cut: CutFrom | undefined): CutFrom | undefined {
  return cut === 'clients' || cut === 'all' ? 'clients' : undefined;
}
