import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import type { Endpoint } from '../../../postgres/endpoint';

/** The port that every server listens on inside its container. */
export const serverPort = 5432;

/**
 * How this process reaches the servers in an engine's containers. There is one for each cluster,
 * chosen when its engine is opened.
 */
export interface Dial {
  /** For people; completes "servers are reached …": `at ports published on 127.0.0.1`. */
  readonly how: string;
  /** The address of the engine's machine that servers' ports are published on; undefined: on none. */
  readonly publishOn: string | undefined;
  /** Whether the engine picks the port there, anew at every start of a container. */
  readonly picksPorts?: true;

  /**
   * Goes to the cluster's network, where servers have addresses that are known before their containers
   * are made. Called before the first `open`, and maybe again. Left out if servers are reached from
   * elsewhere.
   * @throws `ERR_PG_CLUSTER_NO_ENGINE` that says what to do
   */
  enter?(network: ClustersNetwork, deadline: Deadline): Promise<void>;

  /**
   * Opens the way to the server of a container, which need not run yet.
   * @throws `ERR_PG_CLUSTER_ENGINE`
   */
  open(to: DialTarget, deadline: Deadline): Promise<Way>;
}

/** The network of the cluster. Whoever removes it makes everybody leave it. */
export interface ClustersNetwork {
  readonly name: string;
  /** An address there for this process; undefined if it has no room. */
  readonly ownAddress: string | undefined;
}

interface DialTarget {
  /** The node's name. */
  readonly name: string;
  readonly container: Docker.Container;
  /**
   * A port of this machine that is free. If the server's port is published, it is on the same one,
   * unless the engine picks it.
   */
  readonly port: number;
  /** The container's own address, if it was given one. */
  readonly address: string | undefined;
}

/** Leads to one container's server. */
export interface Way {
  /** Where the server is found from here. It never changes. */
  readonly endpoint: Endpoint;
  /** The address that connections from here have at the server; undefined: its gateway's. */
  readonly from: string | undefined;
  /** The container has just been started. */
  started?(deadline: Deadline): Promise<void>;
  /** Why connections that way are refused, if something of its own is in the way. */
  whyUnreachable?(deadline: Deadline): Promise<string | undefined>;
  /** Nobody will go there any more. */
  close(deadline: Deadline): Promise<void>;
}
