import type { Progress } from '../base/progress';
import type { Endpoint } from '../postgres/endpoint';
import type { ServerTls } from './server-tls';

/** The superuser that `initdb` makes. It has no password, so it cannot log in over the network. */
export const bootstrapRole = 'postgres';

/** What the data directories of a cluster are made from. */
export interface Template {
  /** The major version of PostgreSQL, if the user asked for one. */
  readonly version: number | undefined;
  /** The text of postgresql.conf. */
  readonly conf: string;
  /** The text of pg_hba.conf. */
  readonly hba: string;
  /** The bootstrap superuser runs this first, in the database `postgres`. */
  readonly bootstrapSql: string;
  /** Then it runs this in `database`. */
  readonly databaseSql: string;
  /** Then `user` runs these SQL files in `database`, in this order. */
  readonly init: readonly { readonly name: string; readonly sql: Buffer }[];
  /**
   * Changes with everything that the template's {@link Preparation} does, which comes next;
   * undefined if it has none.
   */
  readonly preparation: string | undefined;
  /** The bootstrap superuser runs this last: it fails if something was left that cannot be used. */
  readonly closingSql: string;
  readonly user: string;
  readonly database: string;
}

/** Adds to a template's data over connections to a real master that was made from it. */
export interface Preparation {
  /** How long it may take at most. */
  readonly timeoutMs: number;
  /** What the master speaks TLS with, if it does. Nothing of it may be left in the data. */
  readonly tls: ServerTls | undefined;
  /**
   * Resolves when the data are as clusters are to be born with them.
   * @param at where the master listens, and what `user` logs in with
   * @throws `ERR_PG_CLUSTER_PREPARE`
   */
  run(at: { endpoint: Endpoint; password: string }, progress: Progress): Promise<void>;
  /** Whether what earlier runs have made under this id will not do: it is to be made once more. */
  isDueAgain(id: string): boolean;
  /** It was made now. */
  wasMade(id: string): void;
}
