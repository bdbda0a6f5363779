import type { Realm } from '../base/realm';
import type { PgHit, Trap } from '../cluster/faults/wire/trap';
import { withMethods } from './arguments';
import { options, timeoutMs } from './parameters';

/** A fault that waits for a statement; see {@link PgNode.cutAt}. */
export interface PgTrap {
  /** What it has cut, in order. A client meets the loss after the hit is here. */
  readonly hits: readonly PgHit[];
  /**
   * Resolves to the first statement that it cuts, or has cut.
   *
   * @param o.timeoutMs 10000 by default
   * @throws `ERR_PG_CLUSTER_TIMEOUT` that names the node and the pattern; `ERR_PG_CLUSTER_STATE` when
   * it was disarmed before
   */
  hit(o?: { timeoutMs?: number }): Promise<PgHit>;
  /** From now on it cuts nothing. */
  disarm(): Promise<void>;
}

/** What tests get to see of a trap. */
export function trapHandle(trap: Trap, realm: Realm): PgTrap {
  const properties = {
    get hits() {
      return trap.hits;
    },
  };
  const handle = withMethods<PgTrap>(properties, {
    hit: { takes: [options({ timeoutMs })], does: async (o) => trap.hit(o) },
    disarm: { does: async () => trap.disarm() },
  });
  return realm.handle(handle);
}
