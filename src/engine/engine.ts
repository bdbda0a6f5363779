import type { Deadline } from '../base/deadline';
import type { Progress } from '../base/progress';
import type { Endpoint } from '../postgres/endpoint';
import type { Lsn } from '../postgres/wal/lsn';

/**
 * The seam between the cluster and what runs its nodes. An engine belongs to one cluster. It knows
 * how to make, freeze and remove servers, and nothing about replication.
 */
export interface Engine {
  /** As the option `engine` calls it. */
  readonly kind: string;

  /** Makes what every node's data directory is copied from, unless it is there already. */
  prepare(template: Template, progress: Progress): Promise<void>;

  /**
   * Makes a node; nothing runs yet. If that fails, nothing of it is left.
   * @throws `ERR_PG_CLUSTER_ENGINE`
   */
  createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode>;

  /**
   * Where the other nodes of the cluster reach the node of this name, for its whole life. Known
   * at the latest when that node runs.
   */
  clusterEndpoint(name: string): Endpoint;

  /**
   * Keeps a copy of the data of a server that runs, a master's, under `id`: nodes can be restored
   * to it, until it is dropped.
   */
  saveSnapshot(id: string, source: CloneSource, deadline: Deadline): Promise<void>;
  dropSnapshot(id: string, deadline: Deadline): Promise<void>;

  /**
   * A node of any other cluster that listens for clients on one of these ports, as far as the
   * engine can see: for messages.
   */
  nodeOn(ports: readonly number[], deadline: Deadline): Promise<OtherNode | undefined>;

  /**
   * Removes everything that this engine made for its cluster, also what a call still under way
   * makes in the meantime. What could not be removed is the error's message.
   */
  remove(deadline: Deadline): Promise<void>;
}

/** A node that another cluster has, perhaps another process's. */
export interface OtherNode {
  readonly name: string;
  /** The id of the process whose cluster that is. */
  readonly process: string;
}

/** One server, as its engine sees it. */
export interface EngineNode {
  readonly name: string;
  /** Where tests connect. Fixed for life. */
  readonly endpoint: Endpoint;

  /**
   * Starts the server process; it need not accept connections yet. Resolves to what had to be given
   * up for that.
   * @throws `ERR_PG_CLUSTER_PORT_IN_USE` when something else listens on the endpoint's port.
   */
  start(deadline: Deadline): Promise<Started>;

  /**
   * Asks the server to end and waits until its process is gone. `smart` waits for clients to
   * leave, `fast` ends them, `immediate` leaves out the clean-up, as a crash would.
   */
  stop(mode: StopMode, deadline: Deadline): Promise<void>;

  /** Ends every process of the server at once (SIGKILL), also of a frozen one. */
  kill(deadline: Deadline): Promise<void>;

  /** What a stopped server does first when it is started next. */
  setNextStart(next: NextStart, deadline: Deadline): Promise<void>;

  /**
   * Ends the server at once, in whatever state it is, and replaces its data by those of `snapshot`.
   * All else that was done to it ends too: it is not frozen, cut off or out of disk any more. What
   * `setNextStart` has said is forgotten. Nothing runs then until `start`.
   */
  restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void>;

  /**
   * Begins to make ready what `restore` needs of this snapshot, while the server runs. Nobody has to
   * wait for it; what fails here is done by `restore`.
   */
  expectRestore(snapshot: NodeSnapshot): void;

  /** Freezes every process of the server; its sockets stay open and say nothing. */
  pause(deadline: Deadline): Promise<void>;
  unpause(deadline: Deadline): Promise<void>;

  /**
   * Sees to it that exactly these packets are lost from now on, in place of those of before. That
   * ends with the server process. The node runs or is frozen.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED`, and then the same packets are lost as before
   */
  setNetwork(wanted: NetworkState, deadline: Deadline): Promise<void>;

  /**
   * Leaves no room where the server's data are; again, if something has been freed since. In any
   * state of the server.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED` when that has no bounds
   */
  fillDisk(deadline: Deadline): Promise<void>;
  /** Gives back what `fillDisk` took. */
  freeDisk(deadline: Deadline): Promise<void>;

  /** What the engine sees now, and why if the node does not run. */
  state(deadline: Deadline): Promise<EngineNodeState>;

  /**
   * Why connections to the endpoint are refused here though the server listens, and what to do;
   * undefined if it does not listen, or if that may pass by itself.
   */
  whyUnreachable(refusedMs: number, deadline: Deadline): Promise<string | undefined>;

  /** What the server has logged, from `since` (milliseconds since the epoch) on. */
  logs(since: number, deadline: Deadline): Promise<string>;

  remove(deadline: Deadline): Promise<void>;
}

/** PostgreSQL's shutdown modes. */
export type StopMode = 'smart' | 'fast' | 'immediate';

/** How a stopped server becomes a slave. */
export interface NextStart {
  /**
   * Whose copy replaces its data directory, if anybody's; it is the server that `conf` names as
   * primary.
   */
  readonly clone: CloneSource | undefined;
  /**
   * For postgresql.auto.conf: of a clone the whole of it, so that nothing of the source's is there;
   * else lines which override what stands there.
   */
  readonly conf: string;
}

/** What a server is restored to. */
export interface NodeSnapshot {
  /** Of the data; undefined: those that the node was born with. */
  readonly id: string | undefined;
  readonly role: 'master' | 'slave';
  /** The whole of postgresql.auto.conf; of a newborn what comes after the template's own. */
  readonly conf: string;
}

/** A server that is copied while it runs: by a base backup over its connections, or file by file. */
export interface CloneSource {
  readonly name: string;
  /**
   * Runs `copy` while PostgreSQL is in backup mode (pg_backup_start), in which files may be copied
   * as they are. Resolves to what belongs into the copy's file `backup_label`.
   */
  backup(copy: () => Promise<void>, deadline: Deadline): Promise<string>;
}

/** What came of a start. */
export interface Started {
  /**
   * Where the WAL of the data ended that were replaced by a clone; undefined if none were, or that
   * could not be told.
   */
  readonly lostWal: WalEnd | undefined;
}

export interface WalEnd {
  readonly timelineId: number;
  readonly lsn: Lsn;
}

/** As SQL tells it, `1 0/3000028`; undefined if that is no position. */
export function walEnd(text: string): WalEnd | undefined {
  const [, timelineId, lsn] = /^(\d+) ([0-9A-F]+\/[0-9A-F]+)$/.exec(text.trim()) ?? [];
  return timelineId && lsn ? { timelineId: Number(timelineId), lsn } : undefined;
}

/** Which packets from and to a server are lost. */
export interface NetworkState {
  /** Between it and whom all are, both ways, without a word to either end. */
  readonly cut: CutFrom | undefined;
  /**
   * Of which connections they are, as the clients see it; the server's ends get a reset when it uses
   * them. When a connection is silenced no more, the client's next packet is answered with a reset.
   */
  readonly silenced: readonly Peer[];
}

/** None are. */
export const openNetwork: NetworkState = { cut: undefined, silenced: [] };

/** Whom a node can be cut off from: who connects to its endpoint, the other nodes, or both. */
export type CutFrom = 'clients' | 'cluster' | 'all';

/** The far end of a connection, as the server sees it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

export interface EngineNodeState {
  readonly state: 'running' | 'paused' | 'stopped' | 'gone';
  /** E.g. `exited with code 1`. */
  readonly detail: string;
  /** When it was last started, as a text that is another one after each start. */
  readonly startedAt: string;
  /** Why, if it was or is being ended since its data took more than `dataLimitMb` allows. */
  readonly atLimit?: string | undefined;
}

/** The superuser that `initdb` makes. It has no password, so it cannot log in over the network. */
export const bootstrapRole = 'postgres';

/** What the data directories of a cluster are made from. */
export interface Template {
  /** The PostgreSQL major asked for, if one was. */
  readonly version: number | undefined;
  /** postgresql.conf, as text. */
  readonly conf: string;
  /** pg_hba.conf, as text. */
  readonly hba: string;
  /** Run once by the bootstrap superuser `postgres`, in the database `postgres`. */
  readonly bootstrapSql: string;
  /** Run by the same as the last: it fails if what it finds cannot be used. */
  readonly closingSql: string;
  /** SQL files that are run between, in order, as `user` in `database`. */
  readonly init: readonly { readonly name: string; readonly sql: Buffer }[];
  readonly user: string;
  readonly database: string;
}

export interface NodeSpec {
  readonly name: string;
  readonly role: 'master' | 'slave';
  /** Whose copy it begins as, if not as one of the template. */
  readonly clone: CloneSource | undefined;
  /** The port on the endpoint's host. */
  readonly port: number;
  /**
   * Settings of this node alone, in postgresql.auto.conf before its first start: after what the
   * template has there, or the whole of it if this is a clone. Asked for once, when they are needed.
   */
  readonly conf: () => string;
  /** libpq's password file, for its connections to other nodes (PGPASSFILE). */
  readonly passfile: string;
  /**
   * Run by the bootstrap superuser after each birth, as soon as the server takes local
   * connections.
   */
  readonly bornSql: string;
}
