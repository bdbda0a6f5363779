import type { Deadline } from '../base/deadline';
import type { Endpoint } from '../postgres/endpoint';
import type { Lsn } from '../postgres/wal/lsn';
import type { NetworkState } from './network-state';

/** One server, as its engine sees it. */
export interface EngineNode {
  readonly name: string;
  /** Where tests connect. It never changes. */
  readonly endpoint: Endpoint;

  /**
   * Starts the server process, which need not accept connections yet. Resolves to what had to be
   * given up for that.
   * @throws `ERR_PG_CLUSTER_PORT_IN_USE` when something else listens on the endpoint's port.
   */
  start(deadline: Deadline): Promise<Started>;

  /**
   * Asks the server to end, and waits until its process is gone. `smart` waits for clients to leave,
   * `fast` disconnects them, `immediate` skips the clean-up, as a crash would.
   */
  stop(mode: StopMode, deadline: Deadline): Promise<void>;

  /** Ends every process of the server at once (SIGKILL), even if it is frozen. */
  kill(deadline: Deadline): Promise<void>;

  /** Says what a stopped server does first when it is started next. */
  setNextStart(next: NextStart, deadline: Deadline): Promise<void>;

  /**
   * Ends the server at once, whatever state it is in, and replaces its data by those of `snapshot`.
   * This ends every fault as well: the server is not frozen, cut off or out of disk any more. What
   * `setNextStart` said is forgotten. Nothing runs until `start`.
   */
  restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void>;

  /**
   * Begins to prepare a `restore` to this snapshot while the server runs. Nobody has to wait for it:
   * what fails here, `restore` does itself.
   */
  expectRestore(snapshot: NodeSnapshot): void;

  /** Freezes every process of the server; its sockets stay open and say nothing. */
  pause(deadline: Deadline): Promise<void>;
  unpause(deadline: Deadline): Promise<void>;

  /**
   * From now on exactly these packets are lost; what was lost before passes again. The end of the
   * server process ends it. The node runs or is frozen.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED`; then the same packets are lost as before
   */
  setNetwork(wanted: NetworkState, deadline: Deadline): Promise<void>;

  /**
   * Leaves no room where the server's data are, whether it runs or not. A second call fills what has
   * been freed since.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED` when that place has no bounds
   */
  fillDisk(deadline: Deadline): Promise<void>;
  /** Gives back what `fillDisk` took. */
  freeDisk(deadline: Deadline): Promise<void>;

  /** What the engine sees now, and why, if the node does not run. */
  state(deadline: Deadline): Promise<EngineNodeState>;

  /**
   * Why connections to the endpoint are refused here though the server listens, and what to do.
   * Undefined if it does not listen, or if that may pass by itself.
   */
  whyUnreachable(refusedMs: number, deadline: Deadline): Promise<string | undefined>;

  /** What the server has logged since `since` (milliseconds since the epoch). */
  logs(since: number, deadline: Deadline): Promise<string>;

  remove(deadline: Deadline): Promise<void>;
}

/** PostgreSQL's shutdown modes. */
export type StopMode = 'smart' | 'fast' | 'immediate';

/** How a stopped server becomes a slave. */
export interface NextStart {
  /**
   * A copy of this server replaces the data directory; if undefined, the node keeps its data. It is
   * the server that `conf` names as primary.
   */
  readonly clone: CloneSource | undefined;
  /**
   * For postgresql.auto.conf. Of a clone it is the whole file, so that nothing of the source's stays
   * there; otherwise these lines override what the file says.
   */
  readonly conf: string;
}

/** What a server is restored to. */
export interface NodeSnapshot {
  /** The id of a saved snapshot; if undefined, the data that the node was born with. */
  readonly id: string | undefined;
  readonly role: 'master' | 'slave';
  /** The whole of postgresql.auto.conf; for a newborn node, what follows the template's own. */
  readonly conf: string;
}

/** A server that is copied while it runs: by a base backup over its connections, or file by file. */
export interface CloneSource {
  readonly name: string;
  /**
   * Runs `copy` while PostgreSQL is in backup mode (pg_backup_start), in which files may be copied
   * as they are. Resolves to the text for the copy's file `backup_label`.
   */
  backup(copy: () => Promise<void>, deadline: Deadline): Promise<string>;
}

/** A master whose data are kept as a snapshot. */
export interface SnapshotSource extends CloneSource {
  /**
   * The names of the first segment of WAL that its slots keep, if they keep one, and of the one that it
   * writes now. The backup label tells from which one on the copy itself needs them.
   */
  neededWal(deadline: Deadline): Promise<{ first: string | undefined; last: string }>;
}

/** What came of a start. */
export interface Started {
  /**
   * Where the WAL of the former data ended, if a clone replaced them. Undefined if none did, or if
   * the end is not known.
   */
  readonly lostWal: WalEnd | undefined;
}

export interface WalEnd {
  readonly timelineId: number;
  readonly lsn: Lsn;
}

/** Reads `1 0/3000028`; undefined if the text is no such position. */
export function walEnd(text: string): WalEnd | undefined {
  const [, timelineId, lsn] = /^(\d+) ([0-9A-F]+\/[0-9A-F]+)$/.exec(text.trim()) ?? [];
  return timelineId && lsn ? { timelineId: Number(timelineId), lsn } : undefined;
}

export interface EngineNodeState {
  readonly state: 'running' | 'paused' | 'stopped' | 'gone';
  /** E.g. `exited with code 1`. */
  readonly detail: string;
  /** When it was last started, as a text that differs after each start. */
  readonly startedAt: string;
  /** Why the server was or is being ended, if its data took more than `dataLimitMb` allows. */
  readonly atLimit?: string | undefined;
}
