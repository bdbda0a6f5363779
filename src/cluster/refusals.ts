import type { Deadline } from '../base/deadline';
import { codeOf, PgClusterError } from '../base/errors';
import type { EngineNode } from '../engine/engine';

/** An ordinary start is over by then, or the server does not listen yet. */
const patienceMs = 2000;
const betweenMs = 1000;

/** Notices in a wait for a server that nobody here can ever get to it. */
export class Refusals {
  readonly #engineNode: EngineNode;
  #since: number | undefined;
  #askedAt = 0;
  /** What the engine said when it was asked last. */
  #why: string | undefined;

  constructor(engineNode: EngineNode) {
    this.#engineNode = engineNode;
  }

  /**
   * Takes what came of an attempt to connect.
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
    // Whether the node runs at all, others see.
    this.#why = await this.#engineNode.whyUnreachable(refusedMs, deadline).catch(() => undefined);
    if (before !== undefined && this.#why !== undefined) {
      throw new PgClusterError('ERR_PG_CLUSTER_NO_ENGINE', this.#why);
    }
  }
}
