import type { Deadline } from '../../base/deadline';
import { codeOf, PgClusterError } from '../../base/errors';
import type { EngineNode } from '../../engine/engine-node';

/** By then an ordinary server has started, or does not listen yet. */
const patienceMs = 2000;
const betweenMs = 1000;

/** Finds out, while a server is waited for, that this process can never reach it. */
export class RefusedConnections {
  readonly #engineNode: EngineNode;
  #since: number | undefined;
  #askedAt = 0;
  /** What the engine said when it was asked last. */
  #why: string | undefined;

  constructor(engineNode: EngineNode) {
    this.#engineNode = engineNode;
  }

  /**
   * Takes note of a failed attempt to connect.
   *
   * @throws `ERR_PG_CLUSTER_NO_ENGINE` when, for seconds, every attempt was refused, and the engine
   * has said twice that the server listens
   */
  async note(error: unknown, deadline: Deadline): Promise<void> {
    const now = performance.now();
    if (codeOf(error) !== 'ECONNREFUSED') {
      this.#since = undefined;
      this.#why = undefined;
      return;
    }
    this.#since ??= now;
    const refusedMs = now - this.#since;
    if (refusedMs < patienceMs || now - this.#askedAt < betweenMs) return;
    this.#askedAt = now;
    const before = this.#why;
    // Others check whether the node runs at all.
    this.#why = await this.#engineNode.whyUnreachable(refusedMs, deadline).catch(() => undefined);
    if (before !== undefined && this.#why !== undefined) {
      throw new PgClusterError('ERR_PG_CLUSTER_NO_ENGINE', this.#why);
    }
  }
}
