import type { SlaveOptions } from '../cluster/cluster-spec';
import type { Ledger } from '../cluster/ledger/ledger';
import type { LedgerOptions } from '../cluster/ledger/ledger-options';
import type { ClusterStatus } from '../cluster/replication/status';
import type { ClusterEvent } from '../cluster/timeline';
import type { StopMode } from '../engine/engine-node';
import type { PgNode } from './pg-node';

/**
 * The cluster of this test file: the global `pgCluster`.
 *
 * Every method resolves only once its effect has been observed; repeating it changes nothing;
 * asking the impossible is an error that names the node, its state and what would help; each has
 * a deadline of its own. Errors carry a `code`, see `PgClusterErrorCode`.
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
   * The others, in name order. After a failover the former master is one of them, stopped, until
   * `rejoin()` or `heal()` makes it follow; `slaves.filter(({ state }) => state === 'running')`
   * leaves it out.
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
  /** The same of each of `slaves`, those that do not run included. */
  readonly slaveUrls: readonly string[];
  /**
   * One URL over several nodes, for drivers that choose among hosts.
   *
   * @param o.targetSessionAttrs libpq's `target_session_attrs`, e.g. `read-write`; left out of the
   * URL by default.
   * @param o.order names of nodes, in the order in which they are to be tried. All, in name order,
   * by default.
   * @throws `ERR_PG_CLUSTER_ARGUMENT` for an unknown name
   *
   * @example
   * pgCluster.url({ targetSessionAttrs: 'read-write', order: ['pg1', 'pg0'] });
   * // postgres://…@127.0.0.1:20812,127.0.0.1:29305/testsuite?target_session_attrs=read-write
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
   * The master is gone: promotes a slave and turns the other slaves that can be reached to it,
   * without restarting them. Resolves to the new master, once it takes writes.
   *
   * @param o.to the slave to promote, or its name; by default the one that has received most
   * @param o.force also while the old master still runs, or is paused. Then there are two masters,
   * a split brain; heal() ends it in favour of the new one
   * @throws `ERR_PG_CLUSTER_STATE` when the master runs, or no slave can take over
   *
   * @example
   * await pgCluster.killMaster();
   * const master = await pgCluster.failover();
   * expect(pgCluster.masterUrl).toBe(master.url);
   */
  failover(o?: { to?: PgNode | string; force?: boolean }): Promise<PgNode>;
  /**
   * A planned change of the master: nothing is lost, clients of the old master are ended, and it
   * comes back as a slave on its old endpoint. Resolves to the new master, once the old one and all
   * that streamed from it stream from the new one; heal() or rejoin() sees to slaves that were down.
   *
   * @param o.to the slave to promote, or its name; by default the one that has received most
   * @throws `ERR_PG_CLUSTER_STATE` when a node concerned does not run; `ERR_PG_CLUSTER_TIMEOUT` when
   * the master has changed, but one that streamed does not follow
   */
  switchover(o?: { to?: PgNode | string }): Promise<PgNode>;
  /**
   * Makes a former master, or a node that has lost touch, a slave of today's master. What it had
   * written on its own is gone; the timeline says how many bytes of WAL that was.
   *
   * @throws `ERR_PG_CLUSTER_STATE` for the master itself
   */
  rejoin(node: PgNode | string): Promise<void>;
  /**
   * One more slave, a copy of its upstream; resolves once it streams. Takes at most 60 seconds. If
   * it fails, nothing of the newcomer is left. It has the settings that ALTER SYSTEM has made on its
   * upstream, but none of the faults of that. Without `upstream` it is a copy of the master, and follows
   * whoever is master later.
   *
   * @throws `ERR_PG_CLUSTER_START` with the reason and the end of the newcomer's log;
   * `ERR_PG_CLUSTER_STATE` when its upstream does not run; `ERR_PG_CLUSTER_ARGUMENT`
   * @example
   * const late = await pgCluster.addSlave({ replayDelayMs: 60_000 });
   */
  addSlave(spec?: SlaveOptions): Promise<PgNode>;
  /**
   * Removes a slave for good. The slaves that streamed from it follow its upstream.
   * @throws `ERR_PG_CLUSTER_STATE` for the master, and for one of the slaves that confirm commits if
   * without it there are fewer than `synchronous` asks for
   */
  removeSlave(node: PgNode | string): Promise<void>;

  /**
   * Resolves once `o.node`, or every slave, has replayed all that the master has written so far.
   *
   * @param o.timeoutMs 10000 by default
   * @throws `ERR_PG_CLUSTER_TIMEOUT` that names the slave, both positions, and what holds it up (its
   * replay is paused, say); `ERR_PG_CLUSTER_STATE` at once when the master does not run, or a slave
   * has ended or is none any more
   *
   * @example
   * await app.save(order);
   * await pgCluster.waitForCatchup();
   * expect(await reader.list()).toContainEqual(order);
   */
  waitForCatchup(o?: { node?: PgNode | string; timeoutMs?: number }): Promise<void>;

  /**
   * Starts a load of writes that keeps book: single-row inserts into a table of its own, through
   * connections of its own, as the tests' role, to whoever is master. It records which were
   * acknowledged, which failed and which are unknown, and `verify()` compares that with what is
   * there.
   *
   * It writes on after the test, until `stop()` or the end of the file. It can be begun while
   * writes fail or hang: it resolves once its first write has ended, however it did, and after a
   * second if that hangs.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when the master does not run, or is cut off from its clients; `ERR_PG_CLUSTER_ARGUMENT`
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

  /** What can be seen of every node now. Takes at most some two seconds, whatever is broken. */
  status(): Promise<ClusterStatus>;

  /**
   * Undoes every fault: one master, every other node streaming from it. Runs after each test by
   * itself unless the option `heal` is false.
   *
   * @throws `ERR_PG_CLUSTER_HEAL`
   */
  heal(): Promise<void>;
  /**
   * Puts the cluster back to how it was born, whatever was done to it, by the handle or by SQL: its
   * data directories are replaced by new ones. So data, roles, passwords, slots and settings are as
   * they were, slaves that were added are gone and those that were removed are back, `pg0` is
   * master, the timeline of the WAL is 1, no fault is left; on the same endpoints, with the same
   * URLs.
   *
   * Every session ends as in a crash, and statements under way are rejected; new connections work
   * once it has resolved. Ledgers end.
   *
   * @throws `ERR_PG_CLUSTER_RESET`
   */
  reset(): Promise<void>;
  /**
   * Keeps the cluster as it is now, for `restore`: data, roles, settings, slots of the master, and
   * who is master of whom. Sessions go on meanwhile; what they have not committed is not in it.
   *
   * Unlogged tables are empty after a restore, as after a crash.
   *
   * @param name `'default'` by default; a snapshot that has it is replaced
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
   * Puts the cluster back to a snapshot, as `reset` does to its birth.
   *
   * @param name `'default'` by default
   * @throws `ERR_PG_CLUSTER_ARGUMENT` when there is none of that name; `ERR_PG_CLUSTER_RESET`
   */
  restore(name?: string): Promise<void>;

  /** What was done to the cluster, in the order in which it began: starts, faults, heals. */
  readonly timeline: readonly ClusterEvent[];
}
