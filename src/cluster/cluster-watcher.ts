import type { Attached } from './cluster';
import type { Fault } from './fault-book';
import type { ClusterEvent } from './timeline';

/**
 * Hears of what becomes of a cluster, at the moment when it does. A cluster has at most one. What it
 * does must be quick, and must not throw.
 */
export interface ClusterWatcher {
  /** The object is the same when the event has ended, and has changed by then. */
  begun(event: ClusterEvent): void;
  ended(event: ClusterEvent): void;
  faultBegun(fault: Fault): void;
  /** @param because undefined if what is being done to the cluster has ended it */
  faultEnded(fault: Fault, because: EndOfFault | undefined): void;
  /** Nodes may have come or gone; roles, upstreams and states may have changed. */
  nodesChanged(): void;
  /** It may lead elsewhere now. */
  endpointMoved(): void;
  attached(attached: Attached): void;
  detached(attached: Attached): void;
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

/** Why a fault has ended without an act that says so. */
export type EndOfFault = 'the server’s end' | 'removal' | 'the trap’s last hit';
