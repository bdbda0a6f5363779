import { Deadline, poll } from '../base/deadline';
import { PgClusterError } from '../base/errors';
import {
  type CutFrom,
  type EngineNode,
  type EngineNodeState,
  type NetworkState,
  openNetwork,
} from '../engine/engine';

const lookMs = 10_000;

/** Who has to know when a node is not what it was, whoever changed it. */
export interface NodeWatcher {
  /** A run of the server of this name has ended, or another one has begun. */
  runEnded(node: string): void;
}

/** What the engine tells of a node: whether its server runs, and whom it is cut off from. */
export class ObservedNode {
  /** Another one after it was removed and made again. */
  engineNode: EngineNode;
  /** What was last seen; others may pause or kill a container too. */
  state: 'running' | 'paused' | 'stopped' = 'stopped';
  /** Which of its packets are lost, and in which run of the server: that ends with the run. */
  #network: { readonly state: NetworkState; readonly startedAt: string } | undefined;
  watcher: NodeWatcher | undefined;
  /** When the run began that was last seen; undefined once its end is known. */
  #run: string | undefined;
  #looks = 0;
  #newestLook = 0;

  constructor(engineNode: EngineNode) {
    this.engineNode = engineNode;
  }

  get name(): string {
    return this.engineNode.name;
  }

  /** What the engine sees now. */
  async observe(deadline: Deadline = Deadline.in(lookMs)): Promise<EngineNodeState> {
    this.#looks += 1;
    const look = this.#looks;
    const seen = await this.engineNode.state(deadline);
    this.#noteRun(look, seen);
    if (seen.state === 'stopped' || seen.state === 'gone') this.sawEnd();
    else this.state = seen.state;
    if (this.#network?.startedAt !== seen.startedAt) this.#network = undefined;
    return seen;
  }

  /** Others may end and start a server, too; what was done to its former run is over then. */
  #noteRun(look: number, { state, startedAt }: EngineNodeState): void {
    // A later look has been answered before.
    if (look < this.#newestLook) return;
    this.#newestLook = look;
    const run = state === 'running' || state === 'paused' ? startedAt : undefined;
    const isOver = this.#run !== undefined && this.#run !== run;
    this.#run = run;
    if (isOver) this.watcher?.runEnded(this.name);
  }

  protected sawEnd(): void {
    this.state = 'stopped';
    this.#run = undefined;
    this.#newestLook = this.#looks + 1;
    this.#network = undefined;
  }

  /** What the engine sees; @throws `ERR_PG_CLUSTER_STATE` unless it runs. `what` completes "cannot …". */
  async requireRunning(
    what: string,
    deadline: Deadline = Deadline.in(lookMs),
  ): Promise<EngineNodeState> {
    const seen = await this.observe(deadline);
    if (seen.state === 'running') return seen;
    this.requireAlive(seen, what);
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot ${what}: ${seen.detail}; unpause it first`,
    );
  }

  /** What the engine sees; @throws `ERR_PG_CLUSTER_STATE` unless it runs, be it frozen. */
  async observeAlive(what: string, deadline: Deadline): Promise<EngineNodeState> {
    const seen = await this.observe(deadline);
    this.requireAlive(seen, what);
    return seen;
  }

  /** Whom it is cut off from now, as far as was last seen. */
  get cutFrom(): CutFrom | undefined {
    return this.network.cut;
  }

  /** Which of its packets are lost now, as far as was last seen. */
  get network(): NetworkState {
    return this.#network?.state ?? openNetwork;
  }

  /**
   * Has these packets be lost from now on; of what is left out, the same as before.
   * @param seen what was observed just before
   */
  async setNetwork(
    change: Partial<NetworkState>,
    seen: EngineNodeState,
    deadline: Deadline,
  ): Promise<void> {
    const state = { ...this.network, ...change };
    await this.engineNode.setNetwork(state, deadline);
    this.#network = { state, startedAt: seen.startedAt };
  }

  /** Whether clients, and so we, cannot reach it. */
  protected get isOutOfReach(): boolean {
    return this.cutFrom === 'clients' || this.cutFrom === 'all';
  }

  protected async expectState(
    wanted: 'running' | 'paused' | 'stopped',
    deadline: Deadline,
  ): Promise<void> {
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
  protected requireInReach(): void {
    if (!this.isOutOfReach) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot answer a query: it is disconnected from its clients; reconnect() it first`,
    );
  }

  protected requireAlive(seen: EngineNodeState, what: string): void {
    if (seen.state === 'running' || seen.state === 'paused') return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot ${what}: ${seen.detail}${seen.state === 'stopped' ? '; start it first' : ''}`,
    );
  }
}
