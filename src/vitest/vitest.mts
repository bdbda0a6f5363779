/**
 * The environment for Vitest, and the plugin that sets it up.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import type { Environment } from 'vitest/runtime';
import { PgClusterError } from '../base/errors.js';
import type { PgClusterOptions } from '../options/pg-cluster-options.js';
// For its types, and so is the other one: declaration files keep no other kind of import.
import '../runner/test-globals.js';
import { environmentName, type ProjectOptions, providedAs } from './given-options.mjs';
import './vitest-types.mjs';
import { currentWorker, setWorker } from './worker.mjs';

export { PgClusterError, type PgClusterErrorCode } from '../base/errors.js';
export type { PgCluster } from '../handle/pg-cluster.js';
export type { PgEndpoint } from '../handle/pg-endpoint.js';
export type { PgNode } from '../handle/pg-node.js';
export type { PgTrap } from '../handle/trap-handle.js';
export type { PgClusterOptions } from '../options/pg-cluster-options.js';
export type { PgClusterMatchers } from '../runner/matchers/matcher-types.js';

/** This module, which is the environment, too. */
const ownPath = fileURLToPath(import.meta.url);
const setupPath = fileURLToPath(new URL('./setup.mjs', import.meta.url));

/** As much of Vitest's project as the plugin needs. */
interface Project {
  readonly config: { readonly root: string; readonly maxWorkers?: number | undefined };
  readonly provide: (key: typeof providedAs, value: ProjectOptions) => void;
}

/** The `test` of a Vite config. */
interface TestConfig {
  environment?: string;
  setupFiles?: string | string[];
  sequence?: { setupFiles?: 'list' | 'parallel' };
}

/** What Vite's `plugins` take. */
export interface PgClusterPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  config(config: object): void;
  configureVitest(context: { project: Project }): void;
  resolveId(id: string): string | undefined;
}

/**
 * Makes `pg-cluster` the environment of a project's test files, unless its config names another one,
 * and sets up globals, matchers, and what happens around each test. It works in the pools `forks` and
 * `threads`.
 *
 * A file has options of its own in a docblock, which add to these and override them:
 * `@vitest-environment-options {"slaves": 1}`. With `@vitest-environment node` it has no cluster.
 *
 * @param options as in `testEnvironmentOptions` of a Jest config. Bad ones start nothing, and fail each
 * file. Paths are relative to Vitest's `root`. `lifetime: 'worker'` needs `isolate: false`: Vitest has
 * a new worker for each file otherwise.
 *
 * @example
 * // vitest.config.mjs
 * import { pgCluster } from 'jest-environment-pg-cluster/vitest';
 * import { defineConfig } from 'vitest/config';
 *
 * export default defineConfig({ plugins: [pgCluster({ slaves: 2 })] });
 */
export function pgCluster(options: PgClusterOptions = {}): PgClusterPlugin {
  return {
    name: 'jest-environment-pg-cluster',
    enforce: 'pre',
    config(config) {
      const withTest = config as { test?: TestConfig };
      withTest.test ??= {};
      const { test } = withTest;
      test.environment ??= environmentName;
      // Vitest would offer to install a package for the name.
      if (test.environment === environmentName) test.environment = ownPath;
      // Those of the project find the globals, as they run later.
      const others = [test.setupFiles ?? []].flat().filter((file) => file !== setupPath);
      test.setupFiles = [setupPath, ...others];
      test.sequence = { setupFiles: 'list', ...test.sequence };
    },
    configureVitest({ project }) {
      const { root, maxWorkers } = project.config;
      project.provide(providedAs, { options, rootDir: root, workers: maxWorkers ?? 1 });
    },
    resolveId(id) {
      const names = [environmentName, ownPath];
      return names.some((name) => id === `vitest-environment-${name}`) ? ownPath : undefined;
    },
  };
}

/** Vitest loads this module as the environment. Clusters are started by setup.mts, one for each file. */
const environment: Environment = {
  name: environmentName,
  viteEnvironment: 'ssr',
  async setup(global, given) {
    const { builtinEnvironments } = await import('vitest/runtime');
    const node = await builtinEnvironments.node.setup(global, {});
    setWorker({ given: ownOptions(given) });
    return {
      async teardown() {
        // Of a file that has run no test, since it could not be loaded.
        await currentWorker()?.close?.();
        setWorker(undefined);
        await node.teardown(global);
      },
    };
  },
  setupVM() {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_UNSUPPORTED',
      "jest-environment-pg-cluster works in Vitest's pools 'forks' and 'threads', not in 'vmForks' or 'vmThreads': set test.pool",
    );
  },
};
export default environment;

/** Vitest gives those of all environments, by their names; ours may be named by its path. */
function ownOptions(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...Object(given[environmentName]), ...Object(given[ownPath]) };
}
