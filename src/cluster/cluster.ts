import type { CleanupStack } from '../base/cleanup-stack';
import { Deadline } from '../base/deadline';
import { PgClusterError } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import type { Engine } from '../engine/engine';
import type { Endpoint } from '../postgres/endpoint';
import type { WalHistory } from '../postgres/wal/wal-history';
import { Acts, type ActUnderWay } from './acts';
import type { ClusterSpec } from './cluster-spec';
import type { ClusterTls } from './cluster-tls';
import type { ClusterWatcher, Loss } from './cluster-watcher';
import { type EndpointFronts, Endpoints } from './endpoints/endpoints';
import type { MovingEndpoint } from './endpoints/moving-endpoint';
import { FaultBook } from './fault-book';
import type { Credentials } from './node/credentials';
import type { Node } from './node/node';
import type { NodeWatcher } from './node/observed-node';
import type { NodePorts } from './node-ports';
import { PendingRemovals } from './pending-removals';
import { type Snapshot, Snapshots } from './snapshots';
import type { SpareSlot } from './spare-slot';
import { Stillness } from './stillness';
import { type Tell, Timeline } from './timeline';
import { Topology } from './topology';

const dropMs = 10_000;

/** Something that works in the background and ends with the cluster: a ledger, held connections. */
export interface Attached {
  close(): void;
}

/** What the nodes of a cluster are made with, from its start to its end. */
export interface ClusterPlan {
  readonly engine: Engine;
  readonly credentials: Credentials;
  readonly ports: NodePorts;
  /** Missing without a wire. */
  readonly endpoints: EndpointFronts | undefined;
  readonly spares: SpareSlot;
  /** Missing if nodes speak no TLS. */
  readonly tls: ClusterTls | undefined;
  readonly spec: Pick<ClusterSpec, 'database' | 'synchronous' | 'version'>;
}

/**
 * A master and its slaves, and what is known of them. What is done to them is not here: each verb
 * is a function in one of the folders beside this file. Tests see a cluster through its handle.
 */
export class Cluster extends Topology implements NodeWatcher {
  readonly plan: ClusterPlan;
  /** As it was born. */
  readonly newborn: Snapshot;
  readonly timeline = new Timeline();
  readonly faults = new FaultBook();
  readonly stillness = new Stillness();
  readonly pendingRemovals = new PendingRemovals();
  readonly snapshots = new Snapshots((id) => {
    // What stays takes room until the cluster ends, and harms nobody.
    this.plan.engine.dropSnapshot(id, Deadline.inBackground(dropMs)).catch(() => {});
  });
  /** How to remove all that the cluster was made of. */
  readonly cleanup: CleanupStack;
  /** Those that move; missing without a wire. */
  readonly movingEndpoints: Endpoints | undefined;
  readonly #acts = new Acts(this.timeline, this.faults);
  readonly #attached = new Set<Attached>();
  readonly #changes = new OneAtATime();
  #closed = false;
  #watcher: ClusterWatcher | undefined;
  #afterActs: () => Promise<void> = async () => {};

  constructor(o: { plan: ClusterPlan; newborn: Snapshot; cleanup: CleanupStack }) {
    super(o.newborn);
    this.plan = o.plan;
    this.newborn = o.newborn;
    this.cleanup = o.cleanup;
    this.movingEndpoints =
      o.plan.endpoints &&
      new Endpoints(
        o.plan.endpoints,
        this,
        () => this.#watcher?.endpointMoved(),
        (moved) => void this.#noteLateMove(moved),
      );
    for (const node of this.nodes) node.watchedBy(this);
  }

  /** From now on `watcher` hears of what becomes of it; undefined: nobody does. */
  watchedBy(watcher: ClusterWatcher | undefined): void {
    this.#watcher = watcher;
    this.timeline.watchedBy(watcher);
    this.faults.watchedBy(watcher);
  }

  /** A run of this node's server has ended, or another one has begun. */
  runEnded(node: string): void {
    this.faults.runEnded(node);
  }

  nodesChanged(): void {
    this.#watcher?.nodesChanged();
  }

  /** A trap has cut a statement. */
  sprang(loss: Loss): void {
    this.#watcher?.sprang(loss);
  }

  get engineKind(): string {
    return this.plan.engine.kind;
  }

  get database(): string {
    return this.plan.spec.database;
  }

  get user(): string {
    return this.plan.credentials.user;
  }

  /** The password of the tests' role. */
  get password(): string {
    return this.plan.credentials.password;
  }

  /** The path of a file with the certificate of the authority that clients know the nodes by. */
  get caFile(): string | undefined {
    return this.plan.tls?.caFile;
  }

  /** How many slaves should confirm each commit. */
  get synchronous(): number {
    return this.plan.spec.synchronous;
  }

  /** How many have to now: fewer, if fewer are allowed to. */
  get confirming(): number {
    return Math.min(this.synchronous, this.confirmersOf(this.master).length);
  }

  /** The endpoints of all nodes, in name order. */
  get endpoints(): Endpoint[] {
    return this.nodes.map((node) => node.engineNode.endpoint);
  }

  /** Where the other nodes reach this one. */
  addressOf(node: Node): Endpoint {
    return this.plan.engine.clusterEndpoint(node.name);
  }

  override add(node: Node): void {
    super.add(node);
    node.watchedBy(this);
    this.nodesChanged();
  }

  override remove(node: Node): void {
    super.remove(node);
    this.nodesChanged();
  }

  override setMaster(node: Node, history: WalHistory): void {
    super.setMaster(node, history);
    this.nodesChanged();
  }

  override becomeAsIn(snapshot: Snapshot): void {
    super.becomeAsIn(snapshot);
    this.nodesChanged();
  }

  get attached(): readonly Attached[] {
    return [...this.#attached];
  }

  attach(attached: Attached): void {
    this.#attached.add(attached);
    this.#watcher?.attached(attached);
  }

  detach(attached: Attached): void {
    if (this.#attached.delete(attached)) this.#watcher?.detached(attached);
  }

  /** Ends what works in the background, and forgets every fault without undoing it. */
  forgetFaults(): void {
    for (const attached of this.attached) attached.close();
    this.faults.clear();
  }

  /** From now on its handle refuses everything. */
  close(): void {
    this.#closed = true;
    this.movingEndpoints?.stop();
  }

  /** @throws `ERR_PG_CLUSTER_CLOSED` */
  assertOpen(): void {
    if (!this.#closed) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_CLOSED',
      'this cluster was removed when its test file ended; something still used its handle (a test body that had timed out, or a promise that nobody awaited?)',
    );
  }

  /** @throws `ERR_PG_CLUSTER_STATE` for a node that was removed; `ERR_PG_CLUSTER_CLOSED` */
  override assertMember(node: Node): void {
    this.assertOpen();
    super.assertMember(node);
  }

  /**
   * Does something to a node when all earlier calls on that node have ended, and records it on the
   * timeline. `work` resolves to false when nothing had to be done.
   */
  async act(act: string, node: Node, work: (tell: Tell) => Promise<boolean>): Promise<void> {
    this.assertOpen();
    try {
      await this.#acts.record({ act, node: node.name }, (tell) =>
        node.inTurn(() => {
          this.assertMember(node);
          return this.#thenMove(() => work(tell));
        }),
      );
    } finally {
      await this.#afterActs();
    }
  }

  /** The same for the whole cluster: one such change at a time. */
  async change(act: string, work: (tell: Tell) => Promise<boolean>): Promise<void> {
    this.assertOpen();
    try {
      await this.#acts.record({ act }, (tell) =>
        this.#changes.run(() => {
          this.assertOpen();
          return this.#thenMove(() => work(tell));
        }),
      );
    } finally {
      await this.#afterActs();
    }
  }

  /** Has this done after each act, before its caller hears that the act is over. */
  afterActs(work: () => Promise<void>): void {
    this.#afterActs = work;
  }

  /** What has begun and is not over. */
  get underWay(): readonly ActUnderWay[] {
    return this.#acts.underWay;
  }

  /** Resolves when the changes that were asked for so far have ended. */
  get changesOver(): Promise<unknown> {
    return this.#changes.settled;
  }

  /** Runs `work` while nothing else is done to any of `nodes`. */
  exclusively<T>(nodes: readonly Node[], work: () => Promise<T>): Promise<T> {
    return nodes.reduceRight((inner, node) => () => node.inTurn(inner), work)();
  }

  /** Whatever became of it, roles may have changed. */
  async #thenMove<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      await this.movingEndpoints?.refresh();
      return result;
    } catch (error) {
      await this.movingEndpoints?.refresh().catch(() => {});
      throw error;
    }
  }

  async #noteLateMove({ name, targets }: MovingEndpoint): Promise<void> {
    const { during } = this.faults;
    const detail = `to ${targets.map((node) => node.name).join(', ')}`;
    await this.timeline.record({ act: `the ${name} moves`, during }, async (tell) => {
      tell({ detail });
    });
  }
}
