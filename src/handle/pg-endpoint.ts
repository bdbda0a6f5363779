import type { HowToFollow } from '../cluster/endpoints/moving-endpoint';
import type { PgNode } from './pg-node';

/**
 * An endpoint that moves with the roles, as a cluster manager's address, a load balancer or a DNS
 * name does: `pgCluster.writer` leads to the master, `pgCluster.reader` to the slaves in turns, and
 * to the master when none of them answers. What is done to a node on the wire holds here, too.
 * While it leads to no node that runs, it refuses.
 *
 * @example
 * const pool = new Pool({ connectionString: pgCluster.writer.url });
 * await pgCluster.switchover();
 * await pool.query('INSERT …'); // to the new master
 */
export interface PgEndpoint {
  /** Fixed for the cluster's life, as are `host` and `port`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The nodes that it leads to now. */
  readonly targets: readonly PgNode[];
  /**
   * How it follows a change of roles from now on. By default at once: sessions that lead to a node
   * that it left are ended. With `delayMs` (0 to 3,600,000) it moves so much later. With
   * `keepSessions` they go on, as a DNS name leaves them: an application may then write into a
   * read-only node for a while (25006). Ends what `pointTo` did. It holds until the end of the test.
   *
   * @example
   * await pgCluster.writer.follow({ delayMs: 2000 });
   * await pgCluster.failover(); // for two seconds the writer leads to a server that is gone
   */
  follow(o?: HowToFollow): Promise<void>;
  /**
   * It leads to these nodes, in turns, whatever their roles are: until `follow()`, or the end of the
   * test. Without nodes it refuses.
   *
   * @example
   * await pgCluster.writer.pointTo(pgCluster.slaves[0]); // every write gets 25006
   */
  pointTo(...nodes: readonly (PgNode | string)[]): Promise<void>;
}
