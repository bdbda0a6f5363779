import { CleanupStack } from '../base/cleanup-stack';
import { Deadline, formatMs, within } from '../base/deadline';
import { PgClusterError } from '../base/errors';
import { OneAtATime } from '../base/one-at-a-time';
import type { Engine } from '../engine/engine';
import { atLimit } from '../engine/limits';
import { connectionUrl } from '../postgres/connection-url';
import type { Endpoint } from '../postgres/endpoint';
import type { Settings } from '../postgres/settings';
import { type Fault, FaultBook } from './fault-book';
import { heal } from './lifecycle/heal';
import { Leftovers } from './lifecycle/leftovers';
import type { NodeFactory } from './lifecycle/node-factory';
import { putBack } from './lifecycle/put-back';
import { Snapshots } from './lifecycle/snapshots';
import type { Moment } from './moment';
import type { Node } from './node';
import { cloneSource, keepingWal } from './replication/backup';
import { primaryConninfo } from './replication/conninfo';
import { type ClusterStatus, clusterStatus } from './replication/status';
import { waitForCatchup } from './replication/streaming';
import {
  setSynchronousNames,
  synchronousStandbyNames,
  untilCounted,
} from './replication/synchronous';
import { inheritedFrom } from './settings/inherited';
import { writtenBySystem } from './settings/node-settings';
import { type NodeShape, nodeConf } from './shape';
import { Timeline } from './timeline';
import { Topology } from './topology';

/** How long it may take to remove one node. */
const removeMs = 20_000;

/** What was left by a test or block, and has been undone. */
export interface Healed {
  readonly what: readonly string[];
  readonly ms: number;
}

/** Something that is being done to the cluster. */
export interface ActUnderWay {
  readonly act: string;
  readonly node: string | undefined;
  /** Whether it began while a test was running. */
  readonly inTest: boolean;
  /** Who called, a line each. */
  readonly calledFrom: string;
  /** Resolves when it is over, however it went. */
  readonly over: Promise<unknown>;
}

/** Says of an event on the timeline what is worth knowing. */
export type Tell = (o: { outcome?: 'unchanged'; detail?: string; forget?: true }) => void;

/** A master and its slaves, and what holds them together. Tests see it through its handle. */
export class Cluster extends Topology {
  readonly timeline = new Timeline();
  readonly faults = new FaultBook();
  /** What works in the background and has to end with the cluster: ledgers, held connections. */
  readonly attached = new Set<{ close(): void }>();
  readonly leftovers = new Leftovers();
  /** How it was born. */
  readonly birth: Moment;
  readonly snapshots = new Snapshots(this);
  /** That of the tests' role. */
  readonly password: string;
  readonly #engine: Engine;
  readonly #factory: NodeFactory;
  readonly #changes = new OneAtATime();
  readonly #underWay = new Set<ActUnderWay>();
  /** What ends with the cluster. */
  readonly #made: CleanupStack;
  #closed = false;

  /** @param o.made how to remove what the cluster was made of */
  constructor(o: { engine: Engine; factory: NodeFactory; birth: Moment; made: CleanupStack }) {
    super(o.birth);
    this.#engine = o.engine;
    this.#factory = o.factory;
    this.birth = o.birth;
    this.#made = o.made;
    this.password = o.factory.credentials.password;
    for (const node of this.nodes) node.watcher = this.faults;
  }

  get engineKind(): string {
    return this.#engine.kind;
  }

  get database(): string {
    return this.#factory.spec.database;
  }

  /** How many slaves should confirm each commit. */
  get synchronous(): number {
    return this.#factory.spec.synchronous;
  }

  /** How many do have to: fewer, while there are not so many that may. */
  get confirming(): number {
    return Math.min(this.synchronous, this.confirmersOf(this.master).length);
  }

  /** The URL of these nodes, with the tests' role and database. */
  url(nodes: readonly Node[], targetSessionAttrs?: string): string {
    return connectionUrl({
      user: this.user,
      password: this.password,
      endpoints: nodes.map((node) => node.engineNode.endpoint),
      database: this.database,
      targetSessionAttrs,
    });
  }

  /** Those of all nodes, in name order. */
  get endpoints(): Endpoint[] {
    return this.nodes.map((node) => node.engineNode.endpoint);
  }

  get user(): string {
    return this.#factory.credentials.user;
  }

  /** Where the other nodes reach this one. */
  addressOf(node: Node): Endpoint {
    return this.#engine.clusterEndpoint(node.name);
  }

  /** primary_conninfo of a slave of this node. */
  conninfo(upstream: Node): string {
    return primaryConninfo(this.addressOf(upstream));
  }

  /** Settings of its own of a node that is made a slave of `upstream`. */
  confOf(node: Node, upstream: Node, inherited?: Settings): string {
    const names = synchronousStandbyNames(this.synchronous, this.confirmersOf(node));
    return nodeConf(node.shape, this.conninfo(upstream), names, inherited);
  }

  /** The whole postgresql.auto.conf of a node that is made a copy of `upstream`, and its slave. */
  async cloneConf(node: Node, upstream: Node, deadline: Deadline): Promise<string> {
    return this.confOf(node, upstream, await this.inheritedFrom(upstream, deadline));
  }

  /** What a copy of this node is meant to have of its settings. */
  inheritedFrom(node: Node, deadline: Deadline): Promise<Settings> {
    return inheritedFrom(node, this.faults.all, deadline);
  }

  /** Keeps a copy of the data of today's master; nodes can be put back to it. */
  saveSnapshot(id: string, deadline: Deadline): Promise<void> {
    const { master } = this;
    return keepingWal(master, deadline, () =>
      this.#engine.saveSnapshot(id, cloneSource(master), deadline),
    );
  }

  dropSnapshot(id: string, deadline: Deadline): Promise<void> {
    return this.#engine.dropSnapshot(id, deadline);
  }

  /** How it is now; `data` is a snapshot of its master. */
  async now(data: string, deadline: Deadline): Promise<Moment> {
    const members = this.nodes.map(async (node) => ({
      node,
      upstream: node === this.master ? undefined : this.upstreamOf(node),
      snapshot: {
        id: data,
        role: this.roleOf(node),
        conf: await this.#confNow(node, deadline),
      },
    }));
    const { history } = this.master;
    return { members: await Promise.all(members), nextIndex: this.nextIndex, history };
  }

  /** What its file has, with what makes it the node that it is now. */
  async #confNow(node: Node, deadline: Deadline): Promise<string> {
    const names = this.confirmersOf(node, (other) => other !== this.master);
    return nodeConf(
      { ...node.shape, settings: {} },
      this.conninfo(node === this.master ? node : this.upstreamOf(node)),
      synchronousStandbyNames(this.synchronous, names),
      Object.fromEntries(await writtenBySystem(node, deadline)),
    );
  }

  /**
   * A further slave, cloned from its upstream, which does not run yet and belongs to nobody. How it
   * is removed again goes on `cleanup`.
   */
  async createNode(
    shape: NodeShape,
    upstream: Node,
    cleanup: CleanupStack,
    deadline: Deadline,
  ): Promise<Node> {
    const node = await this.#factory.clone(
      shape,
      { name: upstream.name, source: cloneSource(upstream) },
      [...this.nodes.map((other) => other.shape), shape],
      await this.inheritedFrom(upstream, deadline),
      cleanup,
      deadline,
    );
    node.upstream = upstream;
    return node;
  }

  /** The node is one of the cluster's from now on. How that ends again goes on `cleanup`. */
  async admit(node: Node, cleanup: CleanupStack, deadline: Deadline): Promise<void> {
    cleanup.add(`the membership of ${node.name}`, (by) => this.#expel(node, by));
    this.add(node);
    node.watcher = this.faults;
    await this.settleSynchronous(deadline, node);
  }

  async #expel(node: Node, deadline: Deadline): Promise<void> {
    this.remove(node);
    this.faults.removeAllOf(node.name);
    await this.settleSynchronous(deadline);
  }

  async removeNode(node: Node, deadline: Deadline): Promise<void> {
    const cleanup = new CleanupStack();
    this.remove(node);
    this.leftovers.forgetSlots(node);
    cleanup.add(`the membership of ${node.name}`, (by) => this.#expel(node, by));
    await this.#dismiss(node, cleanup, deadline);
  }

  async #dismiss(node: Node, cleanup: CleanupStack, deadline: Deadline): Promise<void> {
    const { engineNode } = node;
    cleanup.add(node.name, (by) => engineNode.remove(by), removeMs);
    cleanup.add(`the connections to ${node.name}`, () => node.close());
    await this.leftovers.cleanUp(cleanup, deadline);
  }

  /** One that was removed, on its old endpoint; it has nothing yet. */
  async #recreate(node: Node, deadline: Deadline): Promise<void> {
    const shapes = this.birth.members.map((member) => member.node.shape);
    const { port } = node.engineNode.endpoint;
    node.engineNode = await this.#factory.newborn(node.shape, port, shapes, deadline);
  }

  /** The cluster is as it was at that moment, as far as it knows; its servers are not asked. */
  async becomeAsAt(moment: Moment, deadline: Deadline): Promise<void> {
    const before = this.nodes;
    const then = moment.members.map(({ node }) => node);
    for (const attached of this.attached) attached.close();
    this.faults.clear();
    const [added, missing] = [without(before, then), without(then, before)];
    // What fails now is told when all else is as it was.
    await this.leftovers.tryAgain(deadline).catch(() => {});
    await Promise.all(added.map((node) => this.#dismiss(node, new CleanupStack(), deadline)));
    // Only then: after a reset another node may have got the name of one that is missing now.
    await Promise.all(missing.map((node) => this.#recreate(node, deadline)));
    this.become(moment);
    this.leftovers.forgetSlots();
  }

  async waitForCatchup(slaves: readonly Node[], timeoutMs: number): Promise<void> {
    this.assertOpen();
    for (const slave of slaves) this.assertMember(slave);
    await this.master.requireRunning('tell what it has written so far');
    await waitForCatchup(this.master, slaves, Deadline.in(timeoutMs));
  }

  status(): Promise<ClusterStatus> {
    this.assertOpen();
    return clusterStatus(this.nodes, this.master);
  }

  /** Why nodes were ended, of those that were at the bound of what their data may take. */
  async limitsReached(deadline: Deadline): Promise<PgClusterError | undefined> {
    const seen = await Promise.all(this.nodes.map((node) => node.observe(deadline)));
    const [first] = this.nodes.flatMap(({ name }, index) => {
      const why = seen[index]?.atLimit;
      return why === undefined ? [] : [atLimit(name, why)];
    });
    return first;
  }

  /** Undoes `faults`, which are all by default. */
  async heal(faults: readonly Fault[] = this.faults.all): Promise<Healed> {
    const startedAt = performance.now();
    let what: readonly string[] = [];
    await this.change('heal', async (tell) => {
      what = await heal(this, faults);
      // It runs after every test; what changed nothing would bury the rest.
      tell(what.length === 0 ? { forget: true } : { detail: what.join(', ') });
      return true;
    });
    return { what, ms: performance.now() - startedAt };
  }

  /**
   * For another test file: as this one was born, but with another password of the tests' role, so
   * that nothing that a former file has left behind gets in. This one is closed.
   */
  async handOver(deadline: Deadline): Promise<Cluster> {
    this.#closed = true;
    // What was begun goes on to its end; what waits for its turn is refused.
    await within(deadline, 'what was done to the cluster to end', () => this.#changes.settled);
    this.snapshots.clear();
    this.#factory.renewPassword();
    await putBack(this, this.birth, deadline);
    for (const node of this.nodes) node.close();
    return new Cluster({
      engine: this.#engine,
      factory: this.#factory,
      birth: this.birth,
      made: this.#made,
    });
  }

  /** What a newborn cluster lacks, once its master answers. */
  async settleIn(deadline: Deadline): Promise<void> {
    await this.#factory.givePassword(this.master, deadline);
  }

  /** Removes everything. The handle says so from now on. */
  async close(deadline: Deadline): Promise<void> {
    this.#closed = true;
    for (const node of this.nodes) {
      this.#made.add(`the connections to ${node.name}`, () => node.close());
    }
    for (const attached of this.attached) {
      this.#made.add('what works in the background', () => attached.close());
    }
    await this.#made.run(deadline);
  }

  /** @throws `ERR_PG_CLUSTER_CLOSED` */
  assertOpen(): void {
    if (!this.#closed) return;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_CLOSED',
      'this cluster was removed when its test file ended; something still used its handle (a test body that had timed out, or a promise that nobody awaited?)',
    );
  }

  /**
   * Something done to a node: after what was called before on that node, and on the timeline.
   * `work` resolves to false when nothing had to be done.
   */
  act(act: string, node: Node, work: (tell: Tell) => Promise<boolean>): Promise<void> {
    return this.#record({ act, node: node.name }, (tell) =>
      node.inTurn(() => {
        this.assertMember(node);
        return work(tell);
      }),
    );
  }

  /** Runs `work` when nothing is done to any of `nodes`, and keeps it so. */
  exclusively<T>(nodes: readonly Node[], work: () => Promise<T>): Promise<T> {
    return nodes.reduceRight((inner, node) => () => node.inTurn(inner), work)();
  }

  /** Something done to the cluster as a whole: one such change after the other. */
  change(act: string, work: (tell: Tell) => Promise<boolean>): Promise<void> {
    return this.#record({ act }, (tell) =>
      this.#changes.run(() => {
        this.assertOpen();
        return work(tell);
      }),
    );
  }

  /** What has begun and is not over. */
  get underWay(): readonly ActUnderWay[] {
    return [...this.#underWay];
  }

  async #record(
    about: { act: string; node?: string },
    work: (tell: Tell) => Promise<boolean>,
  ): Promise<void> {
    this.assertOpen();
    const { during, testsRunning } = this.faults;
    const recorded = this.timeline.record({ ...about, during }, async (tell) => {
      if (!(await work(tell))) tell({ outcome: 'unchanged' });
    });
    const underWay: ActUnderWay = {
      act: about.act,
      node: about.node,
      inTest: testsRunning > 0,
      calledFrom: callers(),
      over: recorded.catch(() => {}),
    };
    this.#underWay.add(underWay);
    try {
      await recorded;
    } finally {
      this.#underWay.delete(underWay);
    }
  }

  /** @throws `ERR_PG_CLUSTER_STATE` for a node that was removed; `ERR_PG_CLUSTER_CLOSED` */
  override assertMember(node: Node): void {
    this.assertOpen();
    super.assertMember(node);
  }

  /** Has a slave wait, once it is master, for those that it should. */
  async prepareMaster(node: Node, deadline: Deadline, joining?: Node): Promise<void> {
    if (this.synchronous === 0) return;
    const names = this.confirmersOf(node, (other) => other.isStandby || other === joining);
    await setSynchronousNames(node, synchronousStandbyNames(this.synchronous, names), deadline);
  }

  /**
   * Has commits wait for those that they should by today's roles. A master that does not run is
   * told by heal.
   * @param joined the node that may be one of them since now; it streams from the master
   */
  async settleSynchronous(deadline: Deadline, joined?: Node): Promise<void> {
    if (this.synchronous === 0 || this.master.state !== 'running') return;
    const { master } = this;
    const names = this.confirmersOf(master);
    const setting = synchronousStandbyNames(this.synchronous, names);
    if (!(await setSynchronousNames(master, setting, deadline))) return;
    await untilCounted(master, names, joined?.name, deadline);
  }
}

function callers(): string {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, callers);
  return (site.stack ?? '').split('\n').slice(1).join('\n');
}

function without(nodes: readonly Node[], others: readonly Node[]): Node[] {
  return nodes.filter((node) => !others.includes(node));
}

/** `pg1 was paused (healed in 85 ms)`. */
export function formatHealed({ what, ms }: Healed): string {
  return `${what.join(', ')} (healed in ${formatMs(ms)})`;
}
