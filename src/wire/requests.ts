import type { CutFrom } from '../engine/network-state';
import type { Endpoint } from '../postgres/endpoint';

/** What the wire's process can be asked. wire.ts is the owner's end, switchboard.ts the other. */
export type Request =
  /** A node of this key will be here. Nothing listens yet. */
  | {
      readonly do: 'open';
      readonly node: string;
      readonly ports: NodePorts;
      readonly tls: TlsIdentity | undefined;
    }
  /** Its server is being started. Answered as soon as that takes connections and clients are let in. */
  | { readonly do: 'up'; readonly node: string; readonly timeoutMs: number }
  /** Its server has answered a query since it was started. */
  | { readonly do: 'settled'; readonly node: string }
  /** Its server has ended: whoever connects is refused. */
  | { readonly do: 'down'; readonly node: string }
  | { readonly do: 'close'; readonly node: string }
  /**
   * The nodes of these keys change places: each gets the other's key. Clients that connect to the port
   * get to the node with the key `with` from now on; those of `node`, which may be missing, are ended.
   */
  | {
      readonly do: 'change places';
      readonly node: string;
      readonly with: string;
      readonly clients: number;
    }
  /** Its server is about to wait for its clients to leave, and the wire's own connection is one. */
  | { readonly do: 'let clients leave'; readonly node: string }
  /** Nobody else listens on the ports where its clients and the other nodes connect. */
  | { readonly do: 'try ports'; readonly node: string }
  | { readonly do: 'cut'; readonly node: string; readonly from: CutFrom | undefined }
  | { readonly do: 'freeze'; readonly node: string; readonly isFrozen: boolean }
  | { readonly do: 'throttle'; readonly node: string; readonly by: Throttle | undefined }
  | { readonly do: 'refuse'; readonly node: string; readonly as: Refusal | undefined }
  /** Answered with the number of connections that were reset. */
  | { readonly do: 'reset'; readonly node: string; readonly whose: ConnectionFilter }
  /** Answered with { count, pids }: those of the backends, as far as they are known. */
  | { readonly do: 'silence'; readonly node: string; readonly whose: ConnectionFilter }
  /** What silenced clients send from now on is answered with a reset. */
  | { readonly do: 'end silence'; readonly node: string }
  | { readonly do: 'arm'; readonly node: string; readonly trap: string; readonly spec: TrapSpec }
  | { readonly do: 'disarm'; readonly trap: string }
  /** Answered with QueryRecord[]. */
  | { readonly do: 'queries'; readonly node: string; readonly which: WhichQueries }
  | { readonly do: 'forget queries'; readonly node: string }
  | { readonly do: 'open endpoint'; readonly endpoint: string; readonly port: number }
  | { readonly do: 'point'; readonly endpoint: string; readonly to: Pointing }
  | { readonly do: 'close endpoint'; readonly endpoint: string };

export interface NodePorts {
  /** Where clients connect; undefined: they do not get there until it has another one's place. */
  readonly clients: number | undefined;
  /** Where the other nodes connect, if the wire stands between nodes, too. */
  readonly cluster: number | undefined;
  readonly server: Endpoint;
}

/** What a server speaks TLS with, and the authority that it is known by: texts in PEM. */
export interface TlsIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Throttle {
  /** Added to a round trip: half of it each way. */
  readonly latencyMs: number;
  /** At most so much more or less, by a seeded generator. */
  readonly jitterMs: number;
  /** Each way, shared by all connections; Infinity: as fast as it goes. JSON has no Infinity: null. */
  readonly bytesPerSecond: number | null;
  readonly from: CutFrom;
}

export type Refusal = 'starting up' | 'shutting down' | 'in recovery';

/** A client's connection has all that is given. */
export interface ConnectionFilter {
  readonly application?: string;
  readonly pid?: number;
  readonly user?: string;
  readonly database?: string;
}

export type Ending = 'reset' | 'silence' | 'close';

export interface TrapSpec {
  readonly pattern: Pattern;
  readonly lose: 'reply' | 'request';
  /** How the connection ends. */
  readonly ending: Ending;
  readonly times: number;
}

/** A regular expression, or a text that is contained, whatever its case and white space. */
export type Pattern =
  | { readonly source: string; readonly flags: string }
  | { readonly text: string };

/** A statement that a trap has caught. */
export interface Hit {
  readonly sql: string;
  readonly applicationName: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of its CommandComplete; null if it failed, or never reached the server. */
  readonly tag: string | null;
}

export interface WhichQueries {
  /** Only those that began at this moment or later, in milliseconds since the epoch. */
  readonly since?: number;
  readonly matching?: Pattern;
  /** Whether to tell the values of parameters. */
  readonly parameters?: boolean;
}

/** A statement that a client ran. */
export interface QueryRecord {
  readonly sql: string;
  readonly applicationName: string;
  readonly user: string;
  readonly database: string;
  /** Of its backend. */
  readonly pid: number;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  /** Until the server had finished it; null while it runs, or if the connection was lost. */
  readonly durationMs: number | null;
  /** Of its CommandComplete; null if it failed or has not ended. */
  readonly tag: string | null;
  /** Of its error; null if it did not fail. */
  readonly sqlState: string | null;
  /** That it returned or changed, as its tag says; 0 if that says none. */
  readonly rows: number;
  /** As texts; null for SQL's NULL; a binary value in hexadecimal digits after \x. */
  readonly parameters?: readonly (string | null)[];
}

export interface Pointing {
  /** Keys of nodes; those that answer are taken in turns. */
  readonly nodes: readonly string[];
  /** Taken if none of them answers. */
  readonly otherwise?: readonly string[];
  /** Whether connections to other nodes go on. */
  readonly keepSessions: boolean;
}

/** The process tells its owner what a trap has caught. */
export interface ToldHit {
  readonly trap: string;
  readonly hit: Hit;
  readonly number: number;
}

/** The owner has heard of the hit of this number. */
export interface Heard {
  readonly heard: number;
}
