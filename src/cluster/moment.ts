import type { NodeSnapshot } from '../engine/engine';
import type { WalHistory } from '../postgres/wal-history';
import type { Node } from './node';

/** A state of the whole cluster that it can be put back to: its birth, or one of the user's choice. */
export interface Moment {
  readonly members: readonly Member[];
  /** The index of the next node that is added. */
  readonly nextIndex: number;
  /** That of the master's WAL. */
  readonly history: WalHistory;
}

/** What one node is at a moment. */
interface Member {
  readonly node: Node;
  /** Undefined: it is the master. */
  readonly upstream: Node | undefined;
  readonly snapshot: NodeSnapshot;
}
