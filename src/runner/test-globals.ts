import type { PgCluster } from '../handle/pg-cluster';

declare global {
  /** The cluster of this test file: break it, mend it, ask it how it is. */
  var pgCluster: PgCluster;
  /** The connection URL of the node that was master when the file began. */
  var PG_MASTER_URL: string;
  /** The connection URLs of the nodes that were slaves then, in the order of their names. */
  var PG_SLAVE_URLS: string[];
  /** The connection URL that leads to whoever is master; not there with `wire: false`. */
  var PG_WRITER_URL: string;
  /** The connection URL that leads to the slaves in turns; not there with `wire: false`. */
  var PG_READER_URL: string;
}
