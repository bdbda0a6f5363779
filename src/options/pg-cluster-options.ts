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
   * What runs the nodes. `'docker'`: containers. `'local'`: server processes of this machine.
   * `'auto'`: Docker if an engine answers, else local.
   * @default 'auto'
   */
  engine?: 'auto' | EngineKind;
  /** How many slaves there are, 0 to 15, or what each of them is like. @default 2 */
  slaves?: number | readonly SlaveOptions[];
  /**
   * How many slaves have to confirm each commit.
   * Those that may confirm are the slaves of the moment that are marked `synchronous`, which all are
   * if none is marked, and the born master whenever it is a slave. After a failover there may be
   * fewer of them than this number; then all there are have to confirm, and none if there is none,
   * until the former master has rejoined.
   * @default 0, or how many slaves are marked `synchronous`
   */
  synchronous?: number;
  /** PostgreSQL's major version, 13 or later. @default 17, or what `image` or `binDir` carries */
  version?: number;
  /**
   * The image that the nodes' images are built on: any Debian- or Alpine-based one that carries
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
   * Whether `disconnect` and `silenceConnections` work on the local engine: a process in front of
   * the nodes then passes on what comes. In Docker they always do. @default false
   */
  networkFaults?: boolean;
  /**
   * The address of the Docker engine's machine that nodes are published on. An engine on another
   * machine (`DOCKER_HOST`) is used only with this: whoever can reach that address can then try
   * passwords. @default '127.0.0.1', of the machine that the tests run on
   */
  publishOn?: string;
  /** The database that the URLs lead to. @default 'testsuite' */
  database?: string;
  /** The role that the URLs log in as; a superuser, as in the official image. @default 'testsuite' */
  user?: string;
  /** That role's password. @default a random one for each file */
  password?: string;
  /** Settings for every node, over our own. Baked into the images. @default {} */
  settings?: Settings;
  /**
   * SQL files, or folders of them (taken in name order), relative to Jest's `rootDir`. Run once,
   * as `user` in `database`, and baked into the images. What they set by ALTER SYSTEM holds for every
   * node, over the option `settings`, and also after `reset()`. @default []
   */
  init?: string | readonly string[];
  /**
   * Nodes listen on `basePort`, `basePort + 1`, … Only one file at a time can have them: not for
   * several workers. @default free ports
   */
  basePort?: number;
  /**
   * How much fits on each node's disk for tables, indexes and temporary files, in MB, 64 to 65536;
   * a new cluster's take some 30. `node.fillDisk()` needs it. It costs memory, where the disk is,
   * and half a second of each start. @default no limit
   */
  diskLimitMb?: number;
  /**
   * On the local engine: how much the data of each node may take, all in all, in MB, 64 to 1048576;
   * containers are not watched. A node that takes more, as one into which something is inserted
   * without end, is ended: its clients lose their
   * connections, and the test fails with `ERR_PG_CLUSTER_LIMIT`. So do those after it, unless the
   * cluster is reset, by hand or by `isolation: 'test'`.
   * @default a share of what is free when the cluster starts: half, divided by Jest's workers and
   * the nodes, and at least 768 MB if that is there
   */
  dataLimitMb?: number;
  /**
   * How long the nodes live. `'file'`: they are made for each test file. `'worker'`: they stay for
   * all files of a Jest worker that ask for the same; each file still starts from a cluster that
   * has been reset, with another password.
   * @default 'file'
   */
  lifetime?: 'file' | 'worker';
  /**
   * What the tests of one file share. `'file'`: the cluster, with what earlier tests did to its
   * data. `'test'`: nothing; before each test, and its `beforeEach`, the cluster is put back to the
   * snapshot that the last `beforeAll` took, else to its birth.
   * @default 'file'
   */
  isolation?: 'file' | 'test';
  /** Whether what a test broke is mended before the next one starts. @default true */
  heal?: boolean;
  /** When the nodes' logs and the timeline are printed on stderr. @default 'on-failure' */
  logs?: 'on-failure' | 'always' | 'never';
  /** How long the nodes may take until all stream; building images not counted. @default 60000 */
  startTimeoutMs?: number;
};
