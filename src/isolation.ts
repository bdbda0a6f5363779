import type { Cluster } from './cluster/cluster';
import type { Moment } from './cluster/moment';

/**
 * With `isolation: 'test'`: what each test starts from. That is the snapshot that was taken last
 * in a `beforeAll` of its block or of one around it, else the cluster's birth.
 */
export class Isolation {
  readonly #cluster: Cluster;
  /** For each block that is entered, the outermost first: the snapshot that its hooks took. */
  readonly #blocks: (Moment | undefined)[] = [];
  /** What has run since the cluster was put back, or was born. */
  #since: 'nothing' | 'hooks' | 'tests' = 'nothing';

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.snapshots.onTaken = (moment) => this.#onTaken(moment);
  }

  blockStarted(): void {
    this.#blocks.push(undefined);
  }

  blockFinished(): void {
    const moment = this.#blocks.pop();
    if (moment) this.#cluster.snapshots.release(moment);
  }

  /** Before a `beforeAll`, which adds to what those before it did, but not to what tests did. */
  async beforeHook(): Promise<void> {
    if (this.#since === 'tests') await this.#putBack();
    this.#since = 'hooks';
  }

  /** Before a test and its `beforeEach`; with concurrent tests, before the first of them. */
  async beforeTest(): Promise<void> {
    if (this.#cluster.faults.testsRunning) return;
    if (this.#since !== 'nothing') await this.#putBack();
    this.#since = 'tests';
  }

  async #putBack(): Promise<void> {
    const moment = this.#blocks.findLast((taken) => taken !== undefined);
    await this.#cluster.snapshots.putBack(moment ?? this.#cluster.birth);
  }

  #onTaken(moment: Moment): void {
    if (this.#cluster.faults.testsRunning || this.#blocks.length === 0) return;
    const former = this.#blocks.splice(-1, 1, moment)[0];
    this.#cluster.snapshots.keep(moment);
    if (former) this.#cluster.snapshots.release(former);
  }
}
