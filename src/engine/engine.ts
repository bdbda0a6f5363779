import type { Deadline } from '../base/deadline';
import type { Progress } from '../base/progress';
import type { Endpoint } from '../postgres/endpoint';
import type { CloneSource, EngineNode, SnapshotSource } from './engine-node';
import type { ServerTls } from './server-tls';
import type { Preparation, Template } from './template';

/**
 * The seam between the cluster and what runs its nodes. An engine belongs to one cluster. It knows
 * how to make, freeze and remove servers, and nothing about replication.
 */
export interface Engine {
  /** The engine's name in the option `engine`. */
  readonly kind: string;

  /** Where its nodes reach each other: at the ports that clients use, or in a network of their own. */
  readonly nodesMeet: 'on loopback' | 'in a network';

  /**
   * The name by which the engine knows the cluster's network, if its nodes meet in one. It changes
   * only with `Spares.changePlaces`.
   */
  readonly network: string | undefined;

  /**
   * Where clients may meet its servers, loopback aside: their certificates have to name it.
   * @throws `ERR_PG_CLUSTER_ENGINE`
   */
  serverAddresses(deadline: Deadline): Promise<readonly string[]>;

  /** Makes what every node's data directory is copied from, unless it is there already. */
  makeTemplate(
    template: Template,
    preparation: Preparation | undefined,
    progress: Progress,
  ): Promise<void>;

  /**
   * Makes a node, and starts nothing yet. A node that cannot be made leaves nothing behind.
   * @throws `ERR_PG_CLUSTER_ENGINE`
   */
  createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode>;

  /**
   * Where the other nodes of the cluster reach the node of this name. It never changes, and is known
   * when that node runs, or earlier.
   */
  clusterEndpoint(name: string): Endpoint;

  /**
   * Keeps a copy of a running master's data under `id`. Nodes can be restored to it until it is
   * dropped.
   */
  saveSnapshot(id: string, source: SnapshotSource, deadline: Deadline): Promise<void>;
  dropSnapshot(id: string, deadline: Deadline): Promise<void>;

  /**
   * A second set of nodes that can be as in a snapshot. Undefined if there can be none, or if it would
   * take too much of memory; it may be asked again later.
   * @param snapshot its id; undefined: as clusters are born
   */
  spares(snapshot: string | undefined): Spares | undefined;

  /**
   * A node of another cluster that listens for clients on one of these ports, as far as the engine
   * can see. For messages.
   */
  nodeOn(ports: readonly number[], deadline: Deadline): Promise<OtherNode | undefined>;

  /**
   * Removes everything that this engine made for its cluster, and what calls still under way make in
   * the meantime. The error's message says what could not be removed.
   */
  remove(deadline: Deadline): Promise<void>;
}

/** A second set of nodes, each with the name, and for clients with the port, of one of the first. */
export interface Spares {
  /** Makes them, and when it is removed, what it has then. Clients do not get to its nodes. */
  readonly engine: Engine;
  /**
   * From now on its nodes are the first set, to which clients get; and the nodes that were the first
   * set before are this engine's. Clients' connections to them are ended.
   * @throws `ERR_PG_CLUSTER_ENGINE`
   */
  changePlaces(deadline: Deadline): Promise<void>;
}

/** A node of another cluster, which may be another process's. */
export interface OtherNode {
  readonly name: string;
  /** The id of that process. */
  readonly process: string;
}

export interface NodeSpec {
  readonly name: string;
  readonly role: 'master' | 'slave';
  /** The id of the snapshot whose data a spare begins with; undefined: those of the template. */
  readonly snapshot?: string | undefined;
  /** The node begins as a copy of this server; if undefined, as a copy of the template. */
  readonly clone: CloneSource | undefined;
  /** The port on the endpoint's host. */
  readonly port: number;
  /** The port where clients connect, if something stands in front of the server. For `nodeOn`. */
  readonly clientPort?: number;
  /**
   * The node's own settings, in postgresql.auto.conf before its first start: they follow what the
   * template has there, or are the whole of it if this is a clone. Called once, when it is needed.
   */
  readonly conf: () => string;
  /** libpq's password file for the server's connections to other nodes (PGPASSFILE). */
  readonly passfile: string;
  /**
   * The bootstrap superuser runs this after each birth, as soon as the server takes local
   * connections.
   */
  readonly bornSql: string;
  /** Undefined: it speaks no TLS. */
  readonly tls: ServerTls | undefined;
}
