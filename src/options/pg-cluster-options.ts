import type { SlaveOptions } from '../cluster/cluster-spec';
import type { EngineKind } from '../engine/registry';
import type { Settings } from '../postgres/settings';

/**
 * The options, as they are written in `testEnvironmentOptions` of the Jest config or, for one
 * file, in a docblock: `@jest-environment-options {"slaves": 1}`. All can be left out.
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
   * `'auto'`: Docker if an engine answers, otherwise local.
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
   * PostgreSQL, with whatever extensions the tests need. @default `postgres:<version>`
   */
  image?: string;
  /**
   * The folder of PostgreSQL's programs (`initdb`, `postgres`) for the local engine, relative to
   * Jest's `rootDir`. @default an npm package, or where distributions put them
   */
  binDir?: string;
  /**
   * Where the local engine keeps what it makes once, relative to Jest's `rootDir`; the environment
   * variable `PG_CLUSTER_CACHE_DIR` does the same. @default the user's cache directory
   */
  cacheDir?: string;
  /**
   * Whether `disconnect` and `silenceConnections` work on the local engine. If so, a process in
   * front of the nodes forwards all traffic. In Docker they always work. @default false
   */
  networkFaults?: boolean;
  /**
   * The address of the Docker engine's machine on which nodes are published. An engine on another
   * machine (`DOCKER_HOST`) is used only if this is given, since anyone who can reach that address
   * can then try passwords. @default '127.0.0.1', of the machine that the tests run on
   */
  publishOn?: string;
  /** The database that the URLs lead to. @default 'testsuite' */
  database?: string;
  /** The role that the URLs log in as; a superuser, as in the official image. @default 'testsuite' */
  user?: string;
  /** That role's password. @default a random one for each file */
  password?: string;
  /**
   * Settings of every node, which override the environment's own. They are baked into the images.
   * @default {}
   */
  settings?: Settings;
  /**
   * SQL files, or folders of them (in name order), relative to Jest's `rootDir`. They run once, as
   * `user` in `database`, and what they leave is baked into the images. What they set by
   * ALTER SYSTEM holds for every node, overrides the option `settings`, and survives `reset()`.
   * @default []
   */
  init?: string | readonly string[];
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
   * How much the data of each node may take in all, in MB, 64 to 1048576. A node that takes more,
   * say because of an INSERT without end, is ended: its clients lose their connections, and the test
   * fails with `ERR_PG_CLUSTER_LIMIT`. So do the tests after it, unless the cluster is reset, by hand
   * or by `isolation: 'test'`. Local engine only: in Docker, `diskLimitMb` bounds tables.
   * @default a share of what is free when the cluster starts: half, divided by Jest's workers and
   * the nodes, and at least 768 MB if that is there
   */
  dataLimitMb?: number;
  /**
   * How long the nodes live. `'file'`: they are made for each test file. `'worker'`: they stay for
   * all files of a Jest worker that ask for the same cluster. Each file still starts from a cluster
   * that has been reset, with a new password.
   * @default 'file'
   */
  lifetime?: 'file' | 'worker';
  /**
   * What the tests of one file share. `'file'`: the cluster, with what earlier tests did to its
   * data. `'test'`: nothing. Before each test and its `beforeEach` hooks, the cluster is put back to
   * the last snapshot that a `beforeAll` hook took, or to its birth if none did.
   * @default 'file'
   */
  isolation?: 'file' | 'test';
  /** Whether what a test broke is mended before the next test starts. @default true */
  heal?: boolean;
  /** When the nodes' logs and the timeline are printed on stderr. @default 'on-failure' */
  logs?: 'on-failure' | 'always' | 'never';
  /**
   * How long the nodes may take until all slaves stream, in milliseconds. Building images is not
   * counted. @default 60000
   */
  startTimeoutMs?: number;
};
