import { PgClusterError } from '../base/errors';
import { expected, isObject } from '../base/value-rules';
import { type OptionName, optionTable, type TestsOption } from './option-table';
import { folderRule } from './path-rules';
import type { PgClusterOptions } from './pg-cluster-options';
import { type ClusterOptions, resolveOptions } from './take-options';

/**
 * The options of `startCluster()`: those of the environment, but for the ones that say what is done
 * between tests (`heal`, `isolation`, `lifetime`, `logs`, `staleReads`). All can be left out.
 */
export type StartClusterOptions = Omit<PgClusterOptions, TestsOption> & {
  /** What paths in other options are relative to, and where `prepare` runs. @default process.cwd() */
  rootDir?: string;
};

const title = 'options of startCluster()';

/**
 * Valid options of a cluster that no test runner looks after.
 *
 * @throws `ERR_PG_CLUSTER_OPTIONS` that lists every problem at once.
 */
export function takeClusterOptions(given: unknown = {}): ClusterOptions {
  if (!isObject(given)) refuse(expected('an object', given).problem);
  const { rootDir: root, ...others } = given as Record<string, unknown>;
  const directory = root === undefined ? { value: process.cwd() } : folderRule(root, process.cwd());
  if ('problem' in directory) refuse(`rootDir ${directory.problem}`);
  return resolveOptions(others, {
    title,
    rootDir: directory.value,
    workers: 1,
    refuse: needsTestRunner,
  });
}

function needsTestRunner(name: OptionName): string | undefined {
  if (optionTable[name].changes !== 'tests') return undefined;
  // The other option that is about no cluster.
  if (name === 'networkFaults') return 'has no effect: leave it out';
  return 'is about the tests of a test runner, and there is none here: leave it out';
}

function refuse(problem: string): never {
  throw new PgClusterError(
    'ERR_PG_CLUSTER_OPTIONS',
    `${title}: a problem, nothing was started\n  - ${problem}`,
  );
}
