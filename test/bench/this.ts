import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { openEngine } from '../../src/engine/open-engine';
import { takeOptions } from '../../src/options/take-options';
import type { Started } from './bench-nodes';

/** A cluster of ours, from nothing until all slaves stream. */
export async function startThis(given: Record<string, unknown>): Promise<Started> {
  const { options } = takeOptions(given, __dirname);
  const startedAt = performance.now();
  const engine = await openEngine(options);
  const cluster = await startCluster(engine, options);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    seconds,
    remove: async () => {
      const closingAt = performance.now();
      await removeCluster(cluster, Deadline.in(30_000));
      return (performance.now() - closingAt) / 1000;
    },
  };
}
