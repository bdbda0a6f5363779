import type { FaultWatcher } from './fault-book';
import type { TimelineWatcher } from './timeline';

/**
 * Hears of what becomes of a cluster, at the moment when it does. A cluster has at most one. What it
 * does must be quick, and must not throw.
 */
export interface ClusterWatcher extends TimelineWatcher, FaultWatcher {
  /** Nodes may have come or gone; roles, upstreams and states may have changed. */
  nodesChanged(): void;
  /** It may lead elsewhere now. */
  endpointMoved(): void;
  /** Something works in the background from now on: see Attached. */
  attached(attached: object): void;
  detached(attached: object): void;
  /** A trap has cut a statement. */
  sprang(loss: Loss): void;
}

/** What a trap has cut. */
export interface Loss {
  readonly node: string;
  readonly sql: string;
  readonly lost: 'reply' | 'request';
  /** As in a PgHit. */
  readonly tag: string | null;
  readonly applicationName: string;
}
