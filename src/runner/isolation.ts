import { PgClusterError } from '../base/errors';
import type { Cluster } from '../cluster/cluster';
import type { Fault } from '../cluster/fault-book';
import { restoreTo } from '../cluster/lifecycle/restore';
import type { Snapshot } from '../cluster/snapshots';

/** What the `beforeAll` hooks of one block prepared for its tests. */
interface Block {
  /** The last snapshot that they took. */
  snapshot?: Snapshot;
  /** The faults that held when the hooks were over, and who was master then. */
  faults?: readonly Fault[];
  master?: string;
}

/**
 * Gives each test the same start, with `isolation: 'test'`: the last snapshot that a `beforeAll` of
 * its block, or of a block around it, took (without one, the cluster as new), and the faults that
 * those hooks made.
 */
export class Isolation {
  readonly #cluster: Cluster;
  /** The blocks that have begun and not ended, the outermost first. */
  readonly #blocks: Block[] = [];
  /** What has run since the cluster was born or last restored. */
  #since: 'nothing' | 'hooks' | 'tests' = 'nothing';
  /** Resolves when the cluster is as new for the tests that run now and share it. */
  #ready: Promise<void> | undefined;
  #running = 0;
  #inGroup = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.snapshots.whenTaken((snapshot) => this.#onTaken(snapshot));
  }

  blockStarted(): void {
    this.#blocks.push({});
  }

  blockFinished(): void {
    const snapshot = this.#blocks.pop()?.snapshot;
    if (snapshot) this.#cluster.snapshots.release(snapshot);
  }

  /** Before a `beforeAll`. It builds on what hooks before it did, but not on what tests did. */
  async beforeHook(): Promise<void> {
    // Some versions of Jest run concurrent tests at the same time as this.
    if (this.#ready !== undefined) return;
    const former = this.#since;
    this.#since = 'hooks';
    if (former === 'tests') await this.#restore();
  }

  afterHook(): void {
    const block = this.#blocks.at(-1);
    if (!block) return;
    block.faults = this.#cluster.faults.held;
    block.master = this.#cluster.master.name;
  }

  /** Before a test and its `beforeEach`. Tests that run at the same time share one start. */
  beforeTest(): Promise<void> {
    this.#running += 1;
    this.#ready ??= this.#anew();
    return this.#ready;
  }

  afterTest(): void {
    this.#running -= 1;
    this.#endSharing();
  }

  /** The tests of a concurrent group share the cluster, even if for a moment none of them runs. */
  groupStarted(): void {
    this.#inGroup = true;
  }

  groupFinished(): void {
    this.#inGroup = false;
    this.#endSharing();
  }

  #endSharing(): void {
    if (this.#running === 0 && !this.#inGroup) this.#ready = undefined;
  }

  async #anew(): Promise<void> {
    const former = this.#since;
    this.#since = 'tests';
    if (former !== 'nothing') await this.#restore();
  }

  async #restore(): Promise<void> {
    const snapshot = this.#blocks.findLast((one) => one.snapshot)?.snapshot;
    await restoreTo(this.#cluster, snapshot ?? this.#cluster.newborn);
    const block = this.#blocks.findLast(({ faults }) => faults);
    if (block?.faults?.length) await this.#breakAgain(block.faults, block.master);
  }

  /** A restore ends all faults, but a block's faults are meant for all its tests. */
  async #breakAgain(made: readonly Fault[], masterThen: string | undefined): Promise<void> {
    const { faults, nodes, master } = this.#cluster;
    for (const fault of made) {
      if (master.name !== masterThen || !nodes.some(({ name }) => name === fault.node)) {
        throw new PgClusterError(
          'ERR_PG_CLUSTER_STATE',
          `the fault that beforeAll made (${fault.node} is ${fault.kind}) cannot be made again for this test: beforeAll also changed roles or nodes, and isolation 'test' puts those back to the last snapshot, or to the cluster's birth. In beforeAll, change roles and nodes first, then call heal() and snapshot(), and make the fault last`,
        );
      }
      await faults.as(fault.owner, async () => fault.again?.());
    }
  }

  #onTaken(snapshot: Snapshot): void {
    const block = this.#blocks.at(-1);
    if (this.#cluster.faults.testsRunning || !block) return;
    const former = block.snapshot;
    block.snapshot = snapshot;
    this.#cluster.snapshots.keep(snapshot);
    if (former) this.#cluster.snapshots.release(former);
  }
}
