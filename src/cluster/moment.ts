import type { Deadline } from '../deadline';
import type { Origin } from '../engine/engine';
import type { Node } from './node';
import type { WalHistory } from './wal-history';

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
  readonly origin: Origin;
}

/** The settings of a node of its own, as its server's file has them now. */
export async function ownConf(node: Node, deadline: Deadline): Promise<string> {
  const [row] = await node.sql<{ conf: string }>(
    `SELECT pg_read_file('postgresql.auto.conf') AS conf`,
    [],
    deadline,
  );
  return row?.conf ?? '';
}
