import type { Cluster } from '../cluster/cluster';
import { moveOn, settleAfterAct, standStill } from '../cluster/replication/stand-still';
import type { SupervisedTest } from './supervised';

/**
 * With the option `staleReads`, the replay of slaves stands still while a test's body runs. Hooks
 * before it write what slaves then show, and hooks after it see replication as it usually is.
 */
export class StaleReads {
  readonly #cluster: Cluster;
  /** More than one only with concurrent tests: they share the cluster, and so its standing still. */
  readonly #bodies = new Set<SupervisedTest>();
  /** Resolves when they do. */
  #ready: Promise<void> | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    cluster.afterActs(() => settleAfterAct(cluster));
  }

  async bodyStarts(test: SupervisedTest): Promise<void> {
    // Its runner then goes on without running the body.
    if (test.errors.length > 0) return;
    this.#bodies.add(test);
    if (this.#bodies.size > 1) return this.#ready;
    this.#ready = standStill(this.#cluster).catch((error: unknown) => {
      test.errors.push(error);
    });
    await this.#ready;
  }

  /** A runner may tell of no end of a body that it did not run, but the test is done in any case. */
  async bodyEnded(test: SupervisedTest): Promise<void> {
    if (!this.#bodies.delete(test) || this.#bodies.size > 0) return;
    await moveOn(this.#cluster);
  }
}
