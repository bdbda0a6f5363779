import type { ConnectionFilter } from '../cluster/faults/wire/connection-filter';
import type { PgQuery, WhichQueries } from '../cluster/faults/wire/queries';
import type { ThrottleOptions } from '../cluster/faults/wire/throttle';
import type { CutOptions } from '../cluster/faults/wire/trap';
import type { StopMode } from '../engine/engine-node';
import type { Refusal } from '../wire/requests';
import type { PgTrap } from './trap-handle';

/** One PostgreSQL server of the cluster. */
export interface PgNode {
  /**
   * `pg0`, `pg1`, …, for life. The server's setting `cluster_name` is the same, so a client that asks
   * for it (`SHOW cluster_name`) learns where it has arrived.
   */
  readonly name: string;
  /** Fixed for life, as are `port` and `url`. */
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /**
   * The same for a container in `pgCluster.network`: `postgres://user:password@pg0:5432/database`.
   * With the option `tls`, the file that it names as `sslrootcert` is this machine's: mount it at the
   * same path. On the local engine it is `url`.
   */
  readonly internalUrl: string;
  readonly role: 'master' | 'slave';
  /** As last seen; `status()` looks. */
  readonly state: 'running' | 'paused' | 'stopped';

  /**
   * Freezes every process of the server. Its connections stay open and hang; new ones are
   * accepted and hang too. Where the engine cannot freeze containers (Podman with cgroup v1), each
   * process of the server is stopped by SIGSTOP.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when it does not run
   */
  pause(): Promise<void>;
  /**
   * Thaws the server; resolves once it answers.
   * @throws `ERR_PG_CLUSTER_STATE` when it does not run
   */
  unpause(): Promise<void>;

  /**
   * Ends the server: `smart` waits until its clients have left, `fast` (the default) disconnects
   * them, `immediate` also skips the clean-up. From then on connections are refused. Takes at most
   * 15 seconds.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when it is paused; `ERR_PG_CLUSTER_TIMEOUT`
   */
  stop(mode?: StopMode): Promise<void>;
  /**
   * Starts the server, on the same endpoint; resolves once it answers. A former master comes up
   * as a master: see `pgCluster.rejoin()`.
   */
  start(): Promise<void>;
  /** Stops and starts the server. */
  restart(mode?: StopMode): Promise<void>;
  /**
   * Ends every process of the server at once (SIGKILL), even if it is paused. The server says
   * nothing more, not even 57P01: clients see their connections end, and new ones refused. What was
   * committed is there after `start()`.
   *
   * Resolves once clients on this machine can see the end, and clients in the tests' own process
   * have been told: a pool hands out no old connection. If packets to a client do not get through
   * (`silenceConnections`), it waits for a second, and the timeline says so.
   */
  kill(): Promise<void>;
  /**
   * Makes this slave a master, and leaves all other nodes as they are. If the former master still
   * runs, there are two. `failover()` and `switchover()` take care of the other nodes, too.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when it is the master, or does not run
   */
  promote(): Promise<void>;

  /**
   * Ends every client session, or some; clients see their connections close. The sessions of slaves
   * and of the handle stay. New sessions work, so there is nothing to heal.
   *
   * Resolves to the number of sessions, once they have ended and clients can see it, as with
   * {@link kill}.
   *
   * @param whose only clients that are as all of this says: `application` (`application_name`), `user`,
   * `database`, and `pid`, that of the session on the server. By default all
   * @throws `ERR_PG_CLUSTER_STATE` when it does not run
   *
   * @example
   * await pgCluster.master.dropConnections();
   * await expect(app.list()).resolves.toHaveLength(3); // its pool has to connect again
   */
  dropConnections(whose?: ConnectionFilter): Promise<number>;
  /**
   * Takes every free connection slot that the role of the URLs can have, so that the next client
   * gets SQLSTATE 53300. Connected clients go on. When one of them leaves, its slot is taken within
   * about 50 ms. What PostgreSQL reserves for superusers (three slots, unless a setting says
   * otherwise) stays free, so `query()`, which works as one, goes on. With `superuser: true` all are
   * taken, and `query()` gets 53300 as well. `status()` and the other faults work in any case.
   *
   * Resolves to the number of slots taken. A restart of the server ends this fault.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when it does not run
   *
   * @example
   * await pgCluster.master.exhaustConnections();
   * await expect(new pg.Client().connect()).rejects.toMatchObject({ code: '53300' });
   */
  exhaustConnections(): Promise<number>;
  /** Gives up the slots that `exhaustConnections` took; resolves once they are free. */
  releaseConnections(): Promise<void>;
  /**
   * Makes new transactions on the master read-only, in open sessions and in new ones: writes get
   * SQLSTATE 25006. A client that asks for it (`BEGIN READ WRITE`) can still write, as always with
   * `default_transaction_read_only`.
   *
   * @param on `true` by default; `false` ends it
   * @throws `ERR_PG_CLUSTER_STATE` on a slave, which is read-only anyway, and when the node does not
   * run
   *
   * @example
   * await pgCluster.master.readOnly();
   * await expect(app.save(order)).rejects.toMatchObject({ code: '25006' });
   */
  readOnly(on?: boolean): Promise<void>;

  /**
   * Stops a slave's replay: the slave still receives from the master, but clients read what was
   * there when replay stopped. A commit that `delayReplay` holds back stays held back.
   *
   * @throws `ERR_PG_CLUSTER_STATE` on a master and when the node does not run;
   * `ERR_PG_CLUSTER_TIMEOUT` when replay itself waits, for example for a client's conflicting query
   *
   * @example
   * const [slave] = pgCluster.slaves;
   * await slave.pauseReplay();
   * await app.save(order);
   * await expect(reader.list()).resolves.toEqual([]); // stale
   * await slave.resumeReplay();
   * await pgCluster.waitForCatchup();
   */
  pauseReplay(): Promise<void>;
  /** Lets a slave replay again. So does a restart or a promotion. */
  resumeReplay(): Promise<void>;
  /**
   * Makes a slave replay each commit `ms` milliseconds after it was made on the master. The slave
   * waits when it comes to the commit, and what follows in the WAL waits with it. A new value takes
   * effect at once, even for a commit that is being held back. A promotion ends the delay.
   *
   * @param ms whole milliseconds; 0 ends the delay
   * @throws `ERR_PG_CLUSTER_STATE` on a master and when the node does not run;
   * `ERR_PG_CLUSTER_ARGUMENT`
   */
  delayReplay(ms: number): Promise<void>;
  /**
   * Cancels what clients run on a slave, by a recovery conflict: the master removes row versions that
   * their snapshots may still need, and the slave's replay does not wait for them. A query that runs
   * gets SQLSTATE 40001, `canceling statement due to conflict with recovery`. A session that holds a
   * snapshot without running anything (idle in a `REPEATABLE READ` transaction, or with an open
   * cursor), or is in a savepoint, is ended, with the same SQLSTATE. Sessions without a snapshot
   * notice nothing, and nothing is left to heal.
   *
   * For the moment the slave has `max_standby_streaming_delay = 0` and `hot_standby_feedback = off`.
   * Other slaves replay the same removal by their own settings: a query that is in its way there
   * holds up replay, for 30 seconds by default, and is then cancelled as well.
   *
   * @returns how many sessions, in all databases, had a snapshot that was in the way, as seen just
   * before the removal; one that ends by itself in these milliseconds is counted, too
   * @throws `ERR_PG_CLUSTER_STATE` on a master, when the slave's replay is paused or delayed, and when
   * the slave, the master or a slave between them does not run or is disconnected from the cluster;
   * `ERR_PG_CLUSTER_TIMEOUT` with the name of who, on the master, may need the old row versions as
   * well (an open transaction, say), so that they cannot be removed
   *
   * @example
   * const report = app.report(); // reads from the slave for a while
   * await pgCluster.slaves[0].conflict();
   * await expect(report).resolves.toBeDefined(); // it has tried again
   */
  conflict(): Promise<number>;

  /**
   * Makes packets to and from the server vanish: no connection is closed or refused, but all of them
   * hang, new ones too. The port stays the same.
   *
   * `query()`, `status()` and whatever else the handle does go past the wire, and still work. The cut
   * ends when the server is stopped or killed.
   *
   * @param o.from `'clients'`: clients hang, and replication goes on. `'cluster'`: clients can still
   * write to a master, and read from a slave what grows more and more stale, but the node and the
   * other nodes do not hear each other; they notice after `wal_receiver_timeout` and
   * `wal_sender_timeout`. `'all'`, the default: both. A second call adds to the first.
   * @throws `ERR_PG_CLUSTER_STATE` when the node does not run; `ERR_PG_CLUSTER_UNSUPPORTED` in Docker
   * from `'cluster'` and `'all'`, when the image has no nft and could not get it; on the local engine
   * if the option `wire` is false
   *
   * @example
   * await pgCluster.master.disconnect({ from: 'cluster' });
   * await app.save(order); // acknowledged, and no slave has it
   */
  disconnect(o?: { from?: 'clients' | 'cluster' | 'all' }): Promise<void>;
  /**
   * Lets packets through again, also those of silenced connections. Resolves once the server answers;
   * replication then catches up, see `pgCluster.waitForCatchup()`. Connections that have survived the
   * cut go on when one end sends again, which may take as long as the cut lasted.
   */
  reconnect(): Promise<void>;
  /**
   * Makes every open client connection half-open, or some, as when a firewall forgets them: the
   * session on the server ends, and the client is not told. New connections work.
   *
   * After a heal, and after the end of this run of the server, the connection is reset (`ECONNRESET`)
   * when the client next sends something, or if it has sent something meanwhile. A client that only
   * listens still hears nothing.
   *
   * @param whose only these, as with {@link dropConnections}
   * @returns how many connections there were
   * @throws `ERR_PG_CLUSTER_STATE` when it is paused or does not run; `ERR_PG_CLUSTER_UNSUPPORTED` if
   * the option `wire` is false, as with all that follows up to {@link queries}
   *
   * @example
   * await listener.query('LISTEN jobs');
   * await pgCluster.master.silenceConnections();
   * await pgCluster.master.query('NOTIFY jobs'); // the listener never hears it, nor of the loss
   */
  silenceConnections(whose?: ConnectionFilter): Promise<number>;

  /**
   * Resets every client connection, or some: the client gets `ECONNRESET`. New connections work, so
   * there is nothing to heal. The server, too, sees a reset, when it next reads or writes: a session
   * that is at work goes on until then.
   *
   * Resolves to the number of connections, once clients can see it, as with {@link kill}.
   *
   * @param whose only these, as with {@link dropConnections}
   *
   * @example
   * await pgCluster.master.resetConnections({ application: 'worker' });
   */
  resetConnections(whose?: ConnectionFilter): Promise<number>;
  /**
   * Slows what passes between the node and its clients, or the other nodes. A second call replaces
   * the first. It outlives a restart of the server; `unthrottle()`, `heal()` and the end of the test
   * end it.
   *
   * @param o what it becomes like; at least one of the numbers
   * @param o.from `'clients'` by default. `'cluster'` and `'all'` slow replication, too, so commits
   * that wait for a slave; not in Docker, whose nodes meet in a network where the wire does not stand
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED`; `ERR_PG_CLUSTER_ARGUMENT`
   *
   * @example
   * await pgCluster.slaves[0].throttle({ latencyMs: 30, jitterMs: 10 });
   */
  throttle(o: ThrottleOptions): Promise<void>;
  /** Nothing is slow any more. */
  unthrottle(): Promise<void>;
  /**
   * Sets a trap: the next statement that matches meets a loss, on whatever connection it comes, and
   * however it is sent: by itself, as one of several in a query, or prepared, however long before.
   * What the driver says is what counts: a driver's own `COMMIT` is one.
   *
   * If the reply is lost, the server has done what it was told, and the client cannot know. The trap
   * waits for the server to finish, so `hit()` tells what became of it.
   *
   * It outlives a restart of the server; `heal()`, `reset()` and the end of the test disarm it, and
   * a trap that never sprang is told then.
   *
   * @param statement a regular expression, or a text that the statement contains, whatever its case
   * and white space
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED`; `ERR_PG_CLUSTER_ARGUMENT`
   *
   * @example
   * const trap = await pgCluster.master.cutAt(/^commit/i);
   * await expect(app.placeOrder(order)).rejects.toThrow();
   * expect((await trap.hit()).tag).toBe('COMMIT'); // it was placed
   */
  cutAt(statement: RegExp | string, o?: CutOptions): Promise<PgTrap>;
  /**
   * Refuses new clients with SQLSTATE 57P03, in PostgreSQL's words, as a server does while it starts
   * or ends. Those that are connected go on. It outlives a restart of the server.
   *
   * @param as `'starting up'` by default
   *
   * @example
   * await pgCluster.master.refuseConnections();
   * await expect(new pg.Client().connect()).rejects.toMatchObject({ code: '57P03' });
   */
  refuseConnections(as?: Refusal): Promise<void>;
  /** New clients get in again. */
  acceptConnections(): Promise<void>;
  /**
   * What clients ran here, in the order in which it began: the newest 10,000 statements since the
   * cluster was born, reset or restored. Neither what the handle runs nor replication is among them.
   *
   * @param o.since only what began at this time or later, in milliseconds since the epoch
   * @param o.matching only what matches, as with {@link cutAt}
   * @param o.parameters whether to tell the values of parameters, which may be secrets; by default not
   *
   * @example
   * const reads = await pgCluster.slaves[0].queries({ matching: /^select/i });
   * expect(reads).toHaveLength(3);
   */
  queries(o?: WhichQueries): Promise<readonly PgQuery[]>;

  /**
   * Fills the disk of the tables, indexes and temporary files: whatever needs a new page fails with
   * PostgreSQL's own 53100, `could not extend file …: No space left on device`. Rows still fit in
   * pages that have room, and dropping or truncating a table frees some; a second call takes that
   * too.
   *
   * The server lives on, can be restarted and can take checkpoints, since WAL and everything else are
   * on another disk. But a slave ends when it has to replay what no longer fits, as PostgreSQL always
   * does, and no slave can be cloned from a server with a full disk.
   *
   * @throws `ERR_PG_CLUSTER_UNSUPPORTED` without the option `diskLimitMb`
   *
   * @example
   * await pgCluster.master.fillDisk();
   * await expect(app.importAll(orders)).rejects.toMatchObject({ code: '53100' });
   * await pgCluster.master.freeDisk();
   */
  fillDisk(): Promise<void>;
  /**
   * Frees the disk: writes work again. A server that has ended for lack of room is started by
   * `start()` or `heal()`.
   */
  freeDisk(): Promise<void>;

  /**
   * Rows of one SQL statement, run as superuser in the tests' database, over a connection of its
   * own. Takes at most 10 seconds.
   *
   * The superuser is a role of the handle's own, `pgcluster_admin`. The role of the URLs may use the
   * tables, sequences and schemas that it makes here, but does not own them. `SET ROLE` makes them
   * somebody else's.
   *
   * @throws PostgreSQL's own error, with its SQLSTATE as `code`; `ERR_PG_CLUSTER_STATE` at once
   * when the node is paused or stopped; `ERR_PG_CLUSTER_TIMEOUT`
   *
   * @example
   * const [{ n }] = await pgCluster.slaves[0].query<{ n: number }>('SELECT count(*)::int AS n FROM orders');
   */
  query<R = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>;

  /** All that the server has logged. */
  logs(): Promise<string>;
}
