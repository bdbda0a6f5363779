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
  /** The bootstrap superuser runs this last: it fails if `init` has left what cannot be used. */
  readonly closingSql: string;
  /** In between, `user` runs these SQL files in `database`, in this order. */
  readonly init: readonly { readonly name: string; readonly sql: Buffer }[];
  readonly user: string;
  readonly database: string;
}
