import { PgClusterError } from '../base/errors';
import type { Cluster } from '../cluster/cluster';
import type { Fault } from '../cluster/fault-book';
import type { Moment } from '../cluster/moment';

/** What the `beforeAll` hooks of one block have made for its tests. */
interface Block {
  /** The snapshot that they took. */
  moment?: Moment;
  /** The faults that hold when they are over, and who is master then. */
  faults?: readonly Fault[];
  master?: string;
}

/**
 * With `isolation: 'test'`: what each test starts from. That is the snapshot that was taken last
 * in a `beforeAll` of its block or of one around it, else the cluster's birth; with the faults that
 * those hooks have made.
 */
export class Isolation {
  readonly #cluster: Cluster;
  /** Those that are entered, the outermost first. */
  readonly #blocks: Block[] = [];
  /** What has run since the cluster was put back, or was born. */
  #since: 'nothing' | 'hooks' | 'tests' = 'nothing';
  /** While tests run, which then share the cluster: when it is as new. */
  #ready: Promise<void> | undefined;
  #running = 0;
  #inGroup = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.snapshots.onTaken = (moment) => this.#onTaken(moment);
  }

  blockStarted(): void {
    this.#blocks.push({});
  }

  blockFinished(): void {
    const moment = this.#blocks.pop()?.moment;
    if (moment) this.#cluster.snapshots.release(moment);
  }

  /** Before a `beforeAll`, which adds to what those before it did, but not to what tests did. */
  async beforeHook(): Promise<void> {
    // Some versions of Jest run concurrent tests at the same time as this.
    if (this.#ready !== undefined) return;
    const former = this.#since;
    this.#since = 'hooks';
    if (former === 'tests') await this.#putBack();
  }

  afterHook(): void {
    const block = this.#blocks.at(-1);
    if (!block) return;
    block.faults = this.#cluster.faults.held;
    block.master = this.#cluster.master.name;
  }

  /** Before a test and its `beforeEach`. Tests that run at the same time wait for one putting back. */
  beforeTest(): Promise<void> {
    this.#running += 1;
    this.#ready ??= this.#anew();
    return this.#ready;
  }

  afterTest(): void {
    this.#running -= 1;
    this.#endSharing();
  }

  /** Until it is finished its tests share the cluster, though there may be moments when none runs. */
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
    if (former !== 'nothing') await this.#putBack();
  }

  async #putBack(): Promise<void> {
    const { snapshots, birth } = this.#cluster;
    const moment = this.#blocks.findLast((block) => block.moment)?.moment;
    await snapshots.putBack(moment ?? birth);
    const block = this.#blocks.findLast(({ faults }) => faults);
    if (block?.faults?.length) await this.#breakAgain(block.faults, block.master);
  }

  /** Faults end when the cluster is put back, but a block's are to hold for all of its tests. */
  async #breakAgain(made: readonly Fault[], masterThen: string | undefined): Promise<void> {
    const { faults, nodes, master } = this.#cluster;
    for (const fault of made) {
      if (master.name !== masterThen || !nodes.some(({ name }) => name === fault.node)) {
        throw new PgClusterError(
          'ERR_PG_CLUSTER_STATE',
          `the fault that beforeAll has made (${fault.node} is ${fault.kind}) cannot be made again for this test: beforeAll has also changed roles or nodes, and with isolation 'test' those are put back to the last snapshot, or to the cluster's birth. In beforeAll change them first, then heal() and snapshot(), and make the fault last`,
        );
      }
      await faults.as(fault.owner, async () => fault.again?.());
    }
  }

  #onTaken(moment: Moment): void {
    const block = this.#blocks.at(-1);
    if (this.#cluster.faults.testsRunning || !block) return;
    const former = block.moment;
    block.moment = moment;
    this.#cluster.snapshots.keep(moment);
    if (former) this.#cluster.snapshots.release(former);
  }
}
