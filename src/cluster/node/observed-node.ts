import { Deadline, poll } from '../../base/deadline';
import { PgClusterError } from '../../base/errors';
import type { EngineNode, EngineNodeState } from '../../engine/engine-node';
import type { CutFrom } from '../../engine/network-state';
import { WiredNode } from '../../wire/wired-node';

const lookMs = 10_000;

/** Hears of what happens to a node, whoever did it. */
export interface NodeWatcher {
  /** A run of the server of this name has ended, or another one has begun. */
  runEnded(node: string): void;
  /** What is known of one has changed. */
  nodesChanged(): void;
}

/** What the engine tells of a node: whether its server runs, and whom it is cut off from. */
export class ObservedNode {
  #engineNode: EngineNode;
  #state: 'running' | 'paused' | 'stopped' = 'stopped';
  #watcher: NodeWatcher | undefined;
  /** Whom it is cut off from, and in which run of the server: that ends with the run. */
  #cut: { readonly from: CutFrom | undefined; readonly startedAt: string } | undefined;
  /** The start of the run that was last seen; undefined once that run has ended. */
  #run: string | undefined;
  #looks = 0;
  #newestLook = 0;

  constructor(engineNode: EngineNode) {
    this.#engineNode = engineNode;
  }

  get name(): string {
    return this.#engineNode.name;
  }

  /** The engine's node. It is another one after the node was removed and made again. */
  get engineNode(): EngineNode {
    return this.#engineNode;
  }

  /** The same, if a wire stands in front of its server. */
  get wired(): WiredNode | undefined {
    return this.#engineNode instanceof WiredNode ? this.#engineNode : undefined;
  }

  /** What was last seen; others may pause or kill a container too. */
  get state(): 'running' | 'paused' | 'stopped' {
    return this.#state;
  }

  /** The engine has made the node again, on its old endpoint. */
  replacedBy(engineNode: EngineNode): void {
    this.#engineNode = engineNode;
    this.sawEnd();
  }

  /** From now on `watcher` hears of this node. */
  watchedBy(watcher: NodeWatcher): void {
    this.#watcher = watcher;
  }

  /** What the engine sees now. */
  async observe(deadline: Deadline = Deadline.in(lookMs)): Promise<EngineNodeState> {
    this.#looks += 1;
    const look = this.#looks;
    const seen = await this.#engineNode.state(deadline);
    this.#noteRun(look, seen);
    if (seen.state === 'stopped' || seen.state === 'gone') this.sawEnd();
    else this.#is(seen.state);
    if (this.#cut?.startedAt !== seen.startedAt) this.#cut = undefined;
    return seen;
  }

  /** Others may restart a server, too; what was done to its former run is over then. */
  #noteRun(look: number, { state, startedAt }: EngineNodeState): void {
    // A later look was answered earlier.
    if (look < this.#newestLook) return;
    this.#newestLook = look;
    const run = state === 'running' || state === 'paused' ? startedAt : undefined;
    const isOver = this.#run !== undefined && this.#run !== run;
    this.#run = run;
    if (isOver) this.runEnded();
  }

  /** The server has just been seen to run. */
  protected sawRunning(): void {
    this.#is('running');
  }

  #is(state: 'running' | 'paused' | 'stopped'): void {
    if (this.#state === state) return;
    this.#state = state;
    this.noteChange();
  }

  protected noteChange(): void {
    this.#watcher?.nodesChanged();
  }

  /** The server has just been seen to have ended. */
  protected sawEnd(): void {
    this.#run = undefined;
    this.#newestLook = this.#looks + 1;
    this.#cut = undefined;
    this.#is('stopped');
  }

  /** What was done to a former run of the server is over. */
  protected runEnded(): void {
    this.#watcher?.runEnded(this.name);
  }

  /**
   * What the engine sees. `what` completes "cannot …".
   * @throws `ERR_PG_CLUSTER_STATE` unless it runs
   */
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

  /** What the engine sees; @throws `ERR_PG_CLUSTER_STATE` unless it runs or is frozen. */
  async observeAlive(what: string, deadline: Deadline): Promise<EngineNodeState> {
    const seen = await this.observe(deadline);
    this.requireAlive(seen, what);
    return seen;
  }

  /** Whom it is cut off from now, as far as was last seen. */
  get cutFrom(): CutFrom | undefined {
    return this.#cut?.from;
  }

  /** Cuts it off from exactly these. @param seen what was observed just before */
  async cutOff(
    from: CutFrom | undefined,
    seen: EngineNodeState,
    deadline: Deadline,
  ): Promise<void> {
    await this.#engineNode.setNetwork({ cut: from }, deadline);
    this.#cut = { from, startedAt: seen.startedAt };
  }

  /** Whether we cannot reach it. We go past the wire, if there is one. */
  protected get isOutOfReach(): boolean {
    return !this.wired && (this.cutFrom === 'clients' || this.cutFrom === 'all');
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

  protected requireAlive(seen: EngineNodeState, what: string): void {
    if (seen.state === 'running' || seen.state === 'paused') return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_STATE',
      `${this.name} cannot ${what}: ${seen.detail}${seen.state === 'stopped' ? '; start it first' : ''}`,
    );
  }
}
