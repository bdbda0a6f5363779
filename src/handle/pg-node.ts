import type { StopMode } from '../engine/engine-node';

/** One PostgreSQL server of the cluster. */
export interface PgNode {
  /** `pg0`, `pg1`, …, for life. */
  readonly name: string;
  /** Fixed for life, as are `port` and `url`. */
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly role: 'master' | 'slave';
  /** As last seen; `status()` looks. */
  readonly state: 'running' | 'paused' | 'stopped';

  /**
   * Freezes every process of the server. Its connections stay open and hang; new ones are
   * accepted and hang too.
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
   * Ends the server: `smart` waits until its clients have left, `fast` (the default) ends them,
   * `immediate` leaves out the clean-up. Then connections are refused. Takes at most 15 seconds.
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
   * Ends every process of the server at once (SIGKILL), also when it is paused. The server says
   * nothing any more, no 57P01 either: clients see their connections end, then new ones refused.
   * What was committed is there after `start()`.
   *
   * Resolves once clients on this machine can see the end, and those in the tests' own process have
   * been told: a pool hands out no connection of before. Where packets to a client do not pass
   * (`silenceConnections`), it waits for a second, and the timeline says so.
   */
  kill(): Promise<void>;
  /**
   * Makes this slave the master, and leaves all others as they are: the former master too, which
   * makes two if it runs. `failover()` and `switchover()` see to the others.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when it is the master, or does not run
   */
  promote(): Promise<void>;

  /**
   * Ends every client session: clients see the close. Sessions that slaves stream over, and the
   * handle's own, stay. New sessions work, so there is nothing to heal.
   *
   * Resolves to the number of sessions, once they are gone and clients can see it, as after
   * {@link kill}.
   *
   * @throws `ERR_PG_CLUSTER_STATE` when it does not run
   *
   * @example
   * await pgCluster.master.dropConnections();
   * await expect(app.list()).resolves.toHaveLength(3); // its pool has to connect again
   */
  dropConnections(): Promise<number>;
  /**
   * Takes every free connection slot, those reserved for superusers too, so that the next client
   * gets SQLSTATE 53300. Clients that are connected go on. A slot that one of them gives up is
   * taken too, within some 50 ms. `status()` and the other faults go on working; `query()` needs a
   * session of its own and gets 53300 as well.
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
   * Makes new transactions on the master read-only, in sessions that are open as well as in new
   * ones: writes get SQLSTATE 25006. A client that asks for it (`BEGIN READ WRITE`) still writes,
   * as with every `default_transaction_read_only`.
   *
   * @param on `true` by default; `false` ends it
   * @throws `ERR_PG_CLUSTER_STATE` on a slave, which is read-only anyway, and when it does not run
   *
   * @example
   * await pgCluster.master.readOnly();
   * await expect(app.save(order)).rejects.toMatchObject({ code: '25006' });
   */
  readOnly(on?: boolean): Promise<void>;

  /**
   * Stops a slave's replay: it goes on receiving from the master, and clients read what was there
   * when it stopped. A commit that a `delayReplay` holds back stays held back.
   *
   * @throws `ERR_PG_CLUSTER_STATE` on a master and when it does not run; `ERR_PG_CLUSTER_TIMEOUT`
   * when replay itself waits, say for a client's query that conflicts with it
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
  /** Lets a slave replay again. A restart or a promotion does that, too. */
  resumeReplay(): Promise<void>;
  /**
   * Lets a slave replay each commit only `ms` milliseconds after it was made on the master. The
   * wait begins when the slave comes upon the commit, and what follows in the WAL waits with it. A
   * change counts at once, also for a commit that is being held back. A promotion ends it.
   *
   * @param ms whole milliseconds; 0 ends it
   * @throws `ERR_PG_CLUSTER_STATE` on a master and when it does not run; `ERR_PG_CLUSTER_ARGUMENT`
   */
  delayReplay(ms: number): Promise<void>;

  /**
   * Makes packets to and from the server vanish without a word: no connection is closed or refused,
   * all of them hang, new ones too. Its port stays the same.
   *
   * The engine itself probes idle connections and gives one up after some two and a half minutes.
   * `query()` and `status()` of the handle come the clients' way and say at once that it is cut.
   * The cut ends when the server is stopped or killed.
   *
   * @param o.from `'clients'`: whoever uses its URL hangs, replication goes on. `'cluster'`: clients
   * still write to it as a master or read from it, ever more stale, as a slave, while the other
   * nodes do not hear it and it does not hear them; they notice after `wal_receiver_timeout` and
   * `wal_sender_timeout`. `'all'`: both, the default. A second call adds to the first.
   * @throws `ERR_PG_CLUSTER_STATE` when it does not run; `ERR_PG_CLUSTER_UNSUPPORTED` when the image
   * has no nft and could not get it
   *
   * @example
   * await pgCluster.master.disconnect({ from: 'cluster' });
   * await app.save(order); // acknowledged, and no slave has it
   */
  disconnect(o?: { from?: 'clients' | 'cluster' | 'all' }): Promise<void>;
  /**
   * Lets packets through again, those of silenced connections included. Resolves once the server
   * answers; replication catches up, see `pgCluster.waitForCatchup()`. Connections that have
   * outlived the cut go on once one end sends again, which may take as long as the cut took.
   */
  reconnect(): Promise<void>;
  /**
   * Every client connection that is open now goes half-open, as when a firewall forgets it: its
   * session on the server ends, the client is told nothing. New connections work.
   *
   * Healed, the connection ends when the client next sends something, or has sent something
   * meanwhile: by a reset (`ECONNRESET`) on the local engine, and in Docker, whose proxy stands
   * between, by a reset or a plain end. A client that only listens still hears nothing. (In Docker
   * the engine probes idle connections every 15 s, and so ends it by then.)
   *
   * @returns how many they were
   * @throws `ERR_PG_CLUSTER_STATE` when it is paused or does not run; else as {@link disconnect}
   *
   * @example
   * await listener.query('LISTEN jobs');
   * await pgCluster.master.silenceConnections();
   * await pgCluster.master.query('NOTIFY jobs'); // the listener never hears it, nor of the loss
   */
  silenceConnections(): Promise<number>;

  /**
   * The disk of its tables, indexes and temporary files is full: what needs a new page fails with
   * PostgreSQL's own 53100, `could not extend file …: No space left on device`. Rows go on fitting
   * in pages that have room, and dropping or truncating a table gives some back; a second call
   * takes that too.
   *
   * The server lives, can be restarted and take checkpoints, as WAL and all else is kept elsewhere.
   * A slave that has to replay what no longer fits ends, though, as PostgreSQL has it, and no slave
   * can be cloned from a server with a full disk.
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
   * Gives the room back: writes work again. A server that has ended for lack of it is started by
   * `start()` or `heal()`.
   */
  freeDisk(): Promise<void>;

  /**
   * Rows of one SQL statement, run as superuser in the tests' database, over a connection of its
   * own. Takes at most 10 seconds.
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
