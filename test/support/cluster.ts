import { Deadline } from '../../src/base/deadline';
import type { Cluster } from '../../src/cluster/cluster';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { expectRestore } from '../../src/cluster/lifecycle/snapshot';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { openEngine } from '../../src/engine/open-engine';
import { handleOf } from '../../src/handle/cluster-handle';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { takeOptions } from '../../src/options/take-options';
import { engine } from './engine';
import { installedIn } from './installed-version';
import { expectNothingLeft } from './leftovers';

/** What a test asks for of the options. */
export const ofEngine = { engine };

/** The folder that paths of SQL files in options are relative to. */
const sqlRoot = __dirname;

/** Where the local engine finds programs of that version; and SQL files, if none is asked for. */
function rootDirFor(version: unknown): string {
  return typeof version === 'number' && engine === 'local' ? installedIn(version) : sqlRoot;
}

/** A cluster, and the handle that users have of it. */
export interface TestCluster {
  readonly pgCluster: PgCluster;
  readonly cluster: Cluster;
}

/** A cluster that is removed at the end of its block: `await using the = await start();` */
export async function start(
  given: Record<string, unknown> = {},
  rootDir = rootDirFor(given.version),
): Promise<TestCluster & AsyncDisposable> {
  const { options } = takeOptions({ ...ofEngine, ...given }, rootDir);
  const cluster = await startCluster(await openEngine(options), options);
  // As a runner does for clusters that will be made as new.
  if (given.spareServers === true) {
    cluster.plan.spares.allow(true);
    expectRestore(cluster, cluster.newborn);
  }
  return disposable(cluster);
}

function disposable(cluster: Cluster): TestCluster & AsyncDisposable {
  return {
    cluster,
    pgCluster: handleOf(cluster),
    [Symbol.asyncDispose]: () => removeCluster(cluster, Deadline.in(30_000)),
  };
}

/** A cluster for all tests of the block that this is called in. */
export function useCluster(given: Record<string, unknown> = {}): TestCluster {
  let the: (TestCluster & AsyncDisposable) | undefined;
  const started = () => {
    if (!the) throw new Error('no cluster yet');
    return the;
  };
  beforeAll(async () => {
    the = await start(given);
  });
  afterAll(async () => {
    await the?.[Symbol.asyncDispose]();
    await expectNothingLeft();
  });
  return {
    get pgCluster() {
      return started().pgCluster;
    },
    get cluster() {
      return started().cluster;
    },
  };
}
