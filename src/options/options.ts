import { PgClusterError } from '../base/errors';
import { suggestion } from '../base/value-rules';
import { contradictions, type SlaveOptions } from '../cluster/cluster-spec';
import { type EngineKind, lacks } from '../engine/registry';
import type { Settings } from '../postgres/settings';
import { type OptionKey, optionKeys, rules } from './option-rules';

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
   * @default 0, or the number of slaves that are marked `synchronous`
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
  /** That role's password. @default a random one for each cluster */
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

/** Valid options, every default filled in. */
export interface ResolvedOptions {
  readonly engine: 'auto' | EngineKind;
  readonly slaves: readonly SlaveOptions[];
  readonly synchronous: number;
  /** Undefined: whatever `image` or `binDir` carries. */
  readonly version: number | undefined;
  /** Undefined: the official one of `version`. */
  readonly image: string | undefined;
  /** An absolute path. */
  readonly binDir: string | undefined;
  /** An absolute path. */
  readonly cacheDir: string | undefined;
  readonly networkFaults: boolean;
  readonly publishOn: string | undefined;
  /** Jest's. */
  readonly rootDir: string;
  /** How many processes Jest may run tests in. */
  readonly workers: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly settings: Settings;
  /** Absolute paths of SQL files, in the order they are run. */
  readonly init: readonly string[];
  readonly basePort: number | undefined;
  readonly diskLimitMb: number | undefined;
  /** Undefined: a share of what is free. */
  readonly dataLimitMb: number | undefined;
  readonly lifetime: 'file' | 'worker';
  readonly isolation: 'file' | 'test';
  readonly heal: boolean;
  readonly logs: 'on-failure' | 'always' | 'never';
  readonly startTimeoutMs: number;
}

/** Taken where neither the version nor what carries one is given. */
const defaultVersion = 17;

/** Options that belong to Jest's own environments and are handed on to them. */
const jestKeys = ['customExportConditions', 'globalsCleanup', 'html', 'url', 'userAgent'];

/**
 * Takes our options out of Jest's `testEnvironmentOptions`.
 *
 * `rest` is for the Node environment, which would make each of ours a test global.
 *
 * @throws `ERR_PG_CLUSTER_OPTIONS` that lists every problem at once.
 */
export function takeOptions(
  given: Readonly<Record<string, unknown>>,
  rootDir: string,
  workers = 1,
): { options: ResolvedOptions; rest: Record<string, unknown> } {
  const problems: string[] = [];
  const ours: Partial<Record<OptionKey, unknown>> = {};
  const rest: Record<string, unknown> = {};

  for (const [key, value] of Object.entries(given)) {
    if (jestKeys.includes(key)) {
      rest[key] = value;
    } else if (!isOptionKey(key)) {
      problems.push(`unknown option ${JSON.stringify(key)}.${suggestion(key, optionKeys)}`);
    } else if (value !== undefined && value !== null) {
      const result = rules[key](value, rootDir);
      if ('problem' in result) problems.push(withKey(key, result.problem));
      else ours[key] = result.value;
    }
  }

  // Each value has passed the rule of its key, and these rules give the types of ResolvedOptions.
  const valid = ours as Partial<ResolvedOptions>;
  const slaves = valid.slaves ?? [{}, {}];
  const marked = slaves.filter(({ synchronous }) => synchronous).length;
  const options: ResolvedOptions = Object.freeze({
    engine: valid.engine ?? 'auto',
    slaves: Object.freeze(slaves),
    synchronous: valid.synchronous ?? marked,
    version:
      valid.version ??
      (valid.image === undefined && valid.binDir === undefined ? defaultVersion : undefined),
    image: valid.image,
    binDir: valid.binDir,
    cacheDir: valid.cacheDir,
    networkFaults: valid.networkFaults ?? false,
    publishOn: valid.publishOn,
    rootDir,
    workers,
    database: valid.database ?? 'testsuite',
    user: valid.user ?? 'testsuite',
    password: valid.password,
    settings: Object.freeze({ ...valid.settings }),
    init: Object.freeze([...(valid.init ?? [])]),
    basePort: valid.basePort,
    diskLimitMb: valid.diskLimitMb,
    dataLimitMb: valid.dataLimitMb,
    lifetime: valid.lifetime ?? 'file',
    isolation: valid.isolation ?? 'file',
    heal: valid.heal ?? true,
    logs: valid.logs ?? 'on-failure',
    startTimeoutMs: valid.startTimeoutMs ?? 60_000,
  });
  problems.push(...engineContradictions(options), ...contradictions(options));

  if (problems.length > 0) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_OPTIONS',
      `testEnvironmentOptions of jest-environment-pg-cluster: ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, nothing was started\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
  return { options, rest };
}

/** `slaves must be …`, `slaves[1].slot must be …` */
function withKey(key: string, problem: string): string {
  return problem.startsWith('[') ? `${key}${problem}` : `${key} ${problem}`;
}

function engineContradictions(o: ResolvedOptions): string[] {
  const problems: string[] = [];
  if (o.image !== undefined && (o.engine === 'local' || o.binDir !== undefined)) {
    problems.push(
      `image is for engine 'docker', but ${o.engine === 'local' ? 'engine is' : 'binDir is for'} 'local': ${lacks.local.images}`,
    );
  }
  if (o.publishOn !== undefined && o.engine === 'local') {
    problems.push(`publishOn is for engine 'docker', but engine is 'local'`);
  }
  if (o.diskLimitMb !== undefined && o.engine === 'local') {
    problems.push(
      `diskLimitMb is for engine 'docker', but engine is 'local': ${lacks.local['disk faults']}`,
    );
  }
  if (o.dataLimitMb !== undefined && o.engine === 'docker') {
    problems.push(
      `dataLimitMb is for engine 'local', but engine is 'docker', whose nodes have their data on the engine's disk; diskLimitMb bounds them there`,
    );
  }
  if (o.binDir !== undefined && o.engine === 'docker') {
    problems.push(`binDir is for engine 'local', but engine is 'docker'`);
  }
  return problems;
}

function isOptionKey(key: string): key is OptionKey {
  return (optionKeys as readonly string[]).includes(key);
}
