import { Deadline } from '../../base/deadline';
import { timed } from '../../base/step-times';
import { guard } from '../../cleanup/guard';
import { type OpenOptions, openEngine } from '../../engine/open-engine';
import { Wire } from '../../wire/wire';
import type { Cluster } from '../cluster';
import type { ClusterSpec } from '../cluster-spec';
import { beginCertificates } from '../settings/secure-connections';
import { removeCluster } from './remove-cluster';
import { startCluster } from './start';

const removeMs = 30_000;

/**
 * Finds an engine and starts a cluster there. A guard sees to it that the cluster does not outlive
 * this process, however the process ends.
 *
 * @throws what `openEngine` and `startCluster` throw; nothing is left then
 */
export async function startGuarded(options: ClusterSpec & OpenOptions): Promise<Cluster> {
  if (options.wire) Wire.begin();
  beginCertificates(options);
  const engine = await timed('finding an engine', () => openEngine(options));
  guard(engine.kind);
  return startCluster(engine, options);
}

/** Removes a cluster that {@link startGuarded} started. */
export async function removeGuarded(cluster: Cluster): Promise<void> {
  await timed('removing the cluster', () => removeCluster(cluster, Deadline.in(removeMs)));
}
