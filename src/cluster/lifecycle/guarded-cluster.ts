import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { timed } from '../../base/step-times';
import { guard, unguard } from '../../cleanup/guard';
import { type OpenOptions, openEngine } from '../../engine/open-engine';
import { Wire } from '../../wire/wire';
import type { Cluster } from '../cluster';
import type { ClusterSpec } from '../cluster-spec';
import { beginCertificates } from '../settings/secure-connections';
import { removeCluster } from './remove-cluster';
import { startCluster } from './start';

const removeMs = 30_000;

/**
 * Finds an engine and starts a cluster there. Until {@link removeGuarded}, a guard sees to it that
 * the cluster does not outlive this process, however the process ends.
 *
 * @throws what `openEngine` and `startCluster` throw; nothing is left then
 */
export async function startGuarded(options: ClusterSpec & OpenOptions): Promise<Cluster> {
  if (options.wire) Wire.begin();
  beginCertificates(options);
  const engine = await timed('finding an engine', () => openEngine(options));
  const cleanup = new CleanupStack();
  guard(engine.kind);
  cleanup.add('its guard', unguard);
  try {
    return await startCluster(engine, options);
  } catch (error) {
    throw await cleanup.runAfter(error, Deadline.in(removeMs));
  }
}

/** Removes a cluster that {@link startGuarded} started, and then its guard. */
export async function removeGuarded(cluster: Cluster): Promise<void> {
  const cleanup = new CleanupStack();
  cleanup.add('its guard', unguard);
  cleanup.add('the cluster', (by) => removeCluster(cluster, by), removeMs);
  await timed('removing the cluster', () => cleanup.run(Deadline.in(removeMs)));
}
