import { messageOf, PgClusterError } from '../base/errors';
import { say } from '../base/progress';
import type { Cluster } from '../cluster/cluster';
import { formatHealed, heal } from '../cluster/lifecycle/heal';

/** Acts that make a cluster whole again. */
const mends = ['heal', 'reset', 'restore'];

/**
 * Heals what tests and blocks leave. A cluster that cannot be healed makes nonsense of every later
 * test, so those fail, until something mends it; earlier ones keep their results.
 */
export class AutomaticHeal {
  readonly #cluster: Cluster;
  /** The test or block after which the cluster could not be healed, and why. */
  #broken: { readonly after: string; readonly error: unknown; readonly at: number } | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param ended the test or block that has just ended */
  async after(ended: string): Promise<void> {
    if (this.#isBroken()) return;
    const { left } = this.#cluster.faults;
    const at = Date.now();
    const healed = await heal(this.#cluster, left).catch((error: unknown) => {
      this.#broken = { after: ended, error, at };
      say(
        `after “${ended}”: ${messageOf(error)}. The tests after it fail with the same, until the cluster is reset, restored or healed`,
      );
    });
    if (!healed || healed.what.length === 0) return;
    const whose = [...new Set(left.map(({ owner }) => owner.name))].join(', ') || ended;
    say(`“${whose}” left a fault: ${formatHealed(healed)}`);
  }

  /** @throws if the cluster could not be healed, and nothing has mended it since */
  requireWhole(): void {
    if (!this.#broken || !this.#isBroken()) return;
    const { after, error } = this.#broken;
    throw new PgClusterError(
      error instanceof PgClusterError ? error.code : 'ERR_PG_CLUSTER_HEAL',
      `since “${after}”: ${messageOf(error)}`,
      { cause: error },
    );
  }

  #isBroken(): boolean {
    if (!this.#broken) return false;
    const { at } = this.#broken;
    const isMended = this.#cluster.timeline.events.some(
      ({ act, outcome, startedAt }) => startedAt > at && outcome === 'done' && mends.includes(act),
    );
    if (isMended) this.#broken = undefined;
    return !isMended;
  }
}
