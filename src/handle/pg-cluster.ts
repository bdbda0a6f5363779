import type { SlaveOptions } from '../cluster/cluster-spec';
import type { Ledger } from '../cluster/ledger/ledger';
import type { LedgerOptions } from '../cluster/ledger/ledger-options';
import type { ClusterStatus } from '../cluster/replication/status';
import type { ClusterEvent } from '../cluster/timeline';
import type { StopMode } from '../engine/engine-node';
import type { PgEndpoint } from './pg-endpoint';
import type { PgNode } from './pg-node';

/**
 * The cluster of this test file: the global `pgCluster`.
 *
 * Every method resolves only once its effect has been observed, and has a deadline of its own. A
 * call that is repeated changes nothing. A call that cannot work rejects with an error that names the
 * node, its state and what would help. Errors carry a `code`, see `PgClusterErrorCode`.
 *
 * @example
 * test('reads go on while the master hangs', async () => {
 *   await pgCluster.pauseMaster();
 *   await expect(app.save(order)).rejects.toThrow(/timeout/);
 *   await expect(app.list()).resolves.toHaveLength(3);
 *   await pgCluster.unpauseMaster();
 * });
 */
export interface PgCluster {
  /** The node that is master now. */
  readonly master: PgNode;
  /**
   * The other nodes, in name order. After a failover the former master is one of them: it stays
   * stopped until `rejoin()` or `heal()` makes it follow the new one. To leave it out:
   * `slaves.filter(({ state }) => state === 'running')`.
   */
  readonly slaves: readonly PgNode[];
  /** All nodes, in name order. */
  readonly nodes: readonly PgNode[];
  /**
   * The node of this name, `pg0` (born master), `pg1`, …
   * @throws `ERR_PG_CLUSTER_ARGUMENT`
   */
  node(name: string): PgNode;

  /** `postgres://user:password@127.0.0.1:port/database` of the node that is master now. */
  readonly masterUrl: string;
  /** The URL of each node in `slaves`, including those that do not run. */
  readonly slaveUrls: readonly string[];
  /**
   * The path of a file with the certificate of the authority that clients know the servers by, with
   * the option `tls`; undefined without it. The URLs name it as `sslrootcert`, which libpq and
   * node-postgres read.
   *
   * @example
   * // postgres.js does not read it, and would send it to the server.
   * const [url] = pgCluster.masterUrl.split('?');
   * const sql = postgres(url, { ssl: { ca: readFileSync(pgCluster.caFile) } });
   */
  readonly caFile: string | undefined;
  /**
   * The name of the Docker network that the nodes are in, for an application in a container of its
   * own, which finds them at their `internalUrl`. Undefined on the local engine. Once a test of a file
   * has asked for it, it stays the same until the file ends: no `spareServers` take the place of nodes.
   *
   * To the nodes such a container is one of themselves: what is done to the servers it meets as they
   * do (`pause`, `stop`, `kill`, a failover, `disconnect` from `'cluster'` or `'all'`), and what
   * happens on the wire it does not.
   *
   * @example
   * await docker.createContainer({
   *   Image: 'my-app',
   *   Env: [`DATABASE_URL=${pgCluster.master.internalUrl}`],
   *   HostConfig: { NetworkMode: pgCluster.network },
   * });
   */
  readonly network: string | undefined;
  /** Leads to whoever is master. @throws `ERR_PG_CLUSTER_UNSUPPORTED` with `wire: false` */
  readonly writer: PgEndpoint;
  /**
   * Leads to the slaves in turns, and to the master when none of them answers.
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED` with `wire: false`
   */
  readonly reader: PgEndpoint;

  /**
   * One URL for several nodes, for drivers that choose among hosts: libpq and what is built on it
   * (psql, psycopg, libpq bindings), pgx, pgJDBC (with its own scheme) and postgres.js do. `pg`,
   * slonik, Prisma and pg-promise refuse such a URL; for them there are `writer` and `reader`.
   *
   * @param o.targetSessionAttrs libpq's `target_session_attrs`; by default the URL has none.
   * `'primary'` is the node that is no hot standby. `'read-write'` means the same to libpq, unless
   * the master is read-only, but postgres.js takes it for any node whose transactions are not
   * read-only by default, and so accepts a slave.
   * @param o.order names of nodes, in the order in which the driver is to try them. By default all
   * nodes, in name order.
   * @throws `ERR_PG_CLUSTER_ARGUMENT` for an unknown name
   *
   * @example
   * pgCluster.url({ targetSessionAttrs: 'primary', order: ['pg1', 'pg0'] });
   * // postgres://…@127.0.0.1:20812,127.0.0.1:29305/testsuite?target_session_attrs=primary
   */
  url(o?: { targetSessionAttrs?: string; order?: readonly string[] }): string;

  /** Freezes the master: connections hang, nothing is refused. See {@link PgNode.pause}. */
  pauseMaster(): Promise<void>;
  /** Thaws the master; resolves once it answers. */
  unpauseMaster(): Promise<void>;
  /** Ends the master's server, see {@link PgNode.stop}. */
  stopMaster(mode?: StopMode): Promise<void>;
  /** Starts the master's server again. */
  startMaster(): Promise<void>;
  /** Ends the master's server as a crash would, see {@link PgNode.kill}. */
  killMaster(): Promise<void>;
  /** Freezes a slave, by its index in `slaves`, 0 by default. */
  pauseSlave(index?: number): Promise<void>;
  /** Thaws a slave, by its index in `slaves`, 0 by default; resolves once it answers. */
  unpauseSlave(index?: number): Promise<void>;

  /**
   * Replaces a master that is gone: promotes a slave, and makes the other slaves that can be reached
   * follow it, without a restart. Resolves to the new master, once it takes writes.
   *
   * @param o.to the slave to promote, or its name; by default the one that has received most
   * @param o.force promotes even if the old master still runs or is paused. Then there are two
   * masters, a split brain, until heal() makes the old one follow the new one
   * @throws `ERR_PG_CLUSTER_STATE` when the master runs, or no slave can take over
   *
   * @example
   * await pgCluster.killMaster();
   * const master = await pgCluster.failover();
   * expect(pgCluster.masterUrl).toBe(master.url);
   */
  failover(o?: { to?: PgNode | string; force?: boolean }): Promise<PgNode>;
  /**
   * Changes the master as planned: nothing is lost, the old master's clients are disconnected, and
   * it comes back as a slave on its old endpoint. Resolves to the new master, once the old one and
   * every slave that streamed from it stream from the new one. For slaves that were down there is
   * heal() or rejoin().
   *
   * @param o.to the slave to promote, or its name; by default the one that has received most
   * @throws `ERR_PG_CLUSTER_STATE` when a node concerned does not run; `ERR_PG_CLUSTER_TIMEOUT` when
   * the master has changed, but a slave does not follow the new one
   */
  switchover(o?: { to?: PgNode | string }): Promise<PgNode>;
  /**
   * Makes a former master, or a node that has lost touch, a slave of today's master. What only that
   * node had written is lost; the timeline says how many bytes of WAL that was.
   *
   * @throws `ERR_PG_CLUSTER_STATE` for the master itself
   */
  rejoin(node: PgNode | string): Promise<void>;
  /**
   * Adds a slave, as a copy of its upstream; resolves once it streams. Takes at most 60 seconds. If
   * that fails, nothing of the new node is left. The slave has the settings that ALTER SYSTEM has
   * made on its upstream, but none of the upstream's faults. Without `upstream` it is a copy of the
   * master, and follows whoever is master later.
   *
   * @throws `ERR_PG_CLUSTER_START` with the reason and the end of the new node's log;
   * `ERR_PG_CLUSTER_STATE` when its upstream does not run; `ERR_PG_CLUSTER_ARGUMENT`
   * @example
   * const late = await pgCluster.addSlave({ replayDelayMs: 60_000 });
   */
  addSlave(spec?: SlaveOptions): Promise<PgNode>;
  /**
   * Removes a slave for good. The slaves that streamed from it follow its upstream.
   * @throws `ERR_PG_CLUSTER_STATE` for the master, and for a slave that confirms commits if too few
   * of those would be left for `synchronous`
   */
  removeSlave(node: PgNode | string): Promise<void>;

  /**
   * Resolves once `o.node`, or every slave, has replayed all that the master has written so far.
   * With the option `staleReads` it replays that much, and then stands still again.
   *
   * @param o.timeoutMs 10000 by default
   * @throws `ERR_PG_CLUSTER_TIMEOUT` that names the slave, both positions, and what holds it up (its
   * replay is paused, for example); `ERR_PG_CLUSTER_STATE` at once when the master does not run, or
   * when a slave has ended or is no longer a slave
   *
   * @example
   * await app.save(order);
   * await pgCluster.waitForCatchup();
   * expect(await reader.list()).toContainEqual(order);
   */
  waitForCatchup(o?: { node?: PgNode | string; timeoutMs?: number }): Promise<void>;

  /**
   * Starts to write, and keeps a record: it inserts single rows into a table of its own, over
   * connections of its own, as the tests' role, on whichever node is master. It records which writes
   * were acknowledged, which failed and which are unknown, and `verify()` compares the record with
   * the table.
   *
   * It goes on after the test, until `stop()` or the end of the file. It can be started while writes
   * fail or hang: this resolves once the first write has ended, whatever its outcome, or after a
   * second if that write hangs.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when the master does not run, or is cut off from its clients;
   * `ERR_PG_CLUSTER_ARGUMENT`
   *
   * @example
   * const ledger = await pgCluster.ledger();
   * await pgCluster.pauseMaster();
   * await ledger.waitFor('unknown');
   * await pgCluster.unpauseMaster();
   * await ledger.waitFor('acknowledged', 100);
   * await ledger.stop();
   * expect(await ledger.verify()).toHaveLostNothing();
   */
  ledger(o?: LedgerOptions): Promise<Ledger>;

  /** How every node is now. Takes about two seconds at most, whatever is broken. */
  status(): Promise<ClusterStatus>;

  /**
   * Undoes every fault: then there is one master, and every other node streams from it. It runs by
   * itself after each test, unless the option `heal` is false.
   *
   * @throws `ERR_PG_CLUSTER_HEAL`
   */
  heal(): Promise<void>;
  /**
   * Makes the cluster as new, whatever the handle or SQL did to it: its data directories are replaced.
   * Data, roles, passwords, slots and settings are as they were at the start; slaves that were added
   * are gone, and those that were removed are back; `pg0` is master, the WAL is on timeline 1, and no
   * fault is left. Endpoints and URLs stay the same.
   *
   * Every session ends as in a crash, and statements under way are rejected. New connections work
   * once this has resolved. Ledgers end.
   *
   * @throws `ERR_PG_CLUSTER_RESET`
   */
  reset(): Promise<void>;
  /**
   * Keeps the cluster as it is now, for `restore`: data, roles, settings, the master's slots, and
   * which node follows which. Sessions go on meanwhile; what they have not committed is left out.
   *
   * Unlogged tables are empty after a restore, as after a crash.
   *
   * @param name `'default'` by default; an earlier snapshot of that name is replaced
   * @throws `ERR_PG_CLUSTER_STATE` while a fault is in force; `ERR_PG_CLUSTER_UNSUPPORTED` when
   * there are tablespaces; `ERR_PG_CLUSTER_ARGUMENT`
   *
   * @example
   * beforeAll(async () => {
   *   await migrate(PG_MASTER_URL);
   *   await pgCluster.snapshot();
   * });
   * afterEach(() => pgCluster.restore());
   */
  snapshot(name?: string): Promise<void>;
  /**
   * Puts the cluster back to a snapshot, as `reset` puts it back to its start.
   *
   * @param name `'default'` by default
   * @throws `ERR_PG_CLUSTER_ARGUMENT` when no snapshot has that name; `ERR_PG_CLUSTER_RESET`
   */
  restore(name?: string): Promise<void>;

  /** What was done to the cluster, in the order in which it began: starts, faults, heals. */
  readonly timeline: readonly ClusterEvent[];
}
