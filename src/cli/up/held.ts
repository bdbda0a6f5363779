import { removeGuarded, startGuarded } from '../../cluster/lifecycle/guarded-cluster';
import { type ClusterOptions, resolveOptions } from '../../options/take-options';
import type * as Holding from '../../prompt/held-cluster';
import { UsageError } from '../command';
import type { UpFlags } from './flags';
import { optionsOfJest } from './jest-config';

/** Ends a process by default, and what it holds must not outlive it. */
const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** Starts a cluster for `up`; flags win over a Jest config. Bad ones start nothing. */
export async function holdCluster(flags: UpFlags): Promise<Holding.HeldCluster> {
  const starting = startGuarded(await optionsOf(flags));
  // Loaded while the wire's thread starts.
  const { HeldCluster } = require('../../prompt/held-cluster') as typeof Holding;
  const cluster = await starting;
  try {
    return await HeldCluster.open(cluster, { what: 'pg-cluster up', folder: process.cwd() });
  } catch (error) {
    await removeGuarded(cluster);
    throw error;
  }
}

/**
 * Removes it when `until` resolves, when another process asks for it, or at a signal, which ends
 * this process. Resolves to whether another process has asked for it.
 */
export async function removeAfter(
  held: Holding.HeldCluster,
  until: Promise<unknown>,
): Promise<boolean> {
  let exitCode: number | undefined;
  const signalled = new Promise<void>((done) => {
    for (const [name, number] of Object.entries(signals)) {
      process.on(name, () => {
        exitCode = 128 + number;
        done();
      });
    }
  });
  const isAsked = await Promise.race([
    Promise.race([until, signalled]).then(() => false),
    held.endAsked.then(() => true),
  ]);
  try {
    await removeGuarded(held.cluster);
  } finally {
    held.close();
  }
  if (exitCode !== undefined) process.exit(exitCode);
  return isAsked;
}

/** @throws `UsageError` */
export async function optionsOf({
  options: flags,
  config,
  project,
}: UpFlags): Promise<ClusterOptions> {
  const jest = config === undefined ? undefined : await optionsOfJest(config, project);
  const rootDir = jest?.rootDir ?? process.cwd();
  const title = 'options of pg-cluster up';
  try {
    return resolveOptions({ ...jest?.options, ...flags }, { title, rootDir, workers: 1 });
  } catch (error) {
    throw error instanceof Error ? new UsageError(error.message, { cause: error }) : error;
  }
}
