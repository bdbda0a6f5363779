import { CleanupStack } from '../base/cleanup-stack';
import { Deadline, within } from '../base/deadline';
import { timed } from '../base/step-times';
import { guard, unguard } from '../cleanup/guard';
import type { Cluster } from '../cluster/cluster';
import { expectPutBack } from '../cluster/lifecycle/put-back';
import { startCluster } from '../cluster/lifecycle/start';
import { openEngine } from '../engine/open';
import type { ResolvedOptions } from '../options/take-options';
import { clusterKey } from './cluster-key';
import { expectLosses, stopExpectingLosses } from './connections-left-open';

/** How long the putting back of a cluster may take, before another one is started instead. */
const renewMs = 60_000;
const removeMs = 30_000;
/** How many clusters that no file uses a process keeps: files with other options may alternate. */
const idleAtMost = 2;

/**
 * Clusters of this process that wait for their next test file, by what they were asked to be; each
 * resolves when it is as new.
 */
const idle = new Map<string, Promise<Cluster>>();

/** A cluster for one test file. Guarded, until it is released. */
export async function acquireCluster(options: ResolvedOptions): Promise<Cluster> {
  const cluster = await takeOrStart(options);
  stopExpectingLosses();
  return cluster;
}

async function takeOrStart(options: ResolvedOptions): Promise<Cluster> {
  const waiting = options.lifetime === 'worker' ? takeIdle(options) : undefined;
  const renewed = await waiting;
  if (renewed) {
    guard(renewed.engineKind);
    return renewed;
  }
  const cluster = await newCluster(options);
  const putBackOften = options.lifetime === 'worker' || options.isolation === 'test';
  if (putBackOften) expectPutBack(cluster.birth);
  return cluster;
}

/** The file has ended: the cluster is removed, or made as new for the next file. */
export async function releaseCluster(
  cluster: Cluster,
  options: ResolvedOptions,
  file: string,
): Promise<void> {
  if (options.lifetime === 'file') {
    const cleanup = new CleanupStack();
    cleanup.add('its guard', unguard);
    cleanup.add('the cluster', (by) => cluster.close(by), removeMs);
    const closing = timed('removing the cluster', () => cleanup.run(Deadline.in(removeMs)));
    expectLosses({ file, endpoints: cluster.endpoints }, closing);
    await closing;
    return;
  }
  unguard();
  const key = clusterKey(options);
  // Nobody waits for it, and the process may end meanwhile: the reaper then removes it.
  const renewed = renew(cluster);
  expectLosses({ file, endpoints: cluster.endpoints }, renewed);
  renewed.catch(() => {
    if (idle.get(key) === renewed) idle.delete(key);
  });
  const former = idle.get(key);
  idle.delete(key);
  idle.set(key, renewed);
  const [oldest] = idle.size > idleAtMost ? idle : [];
  if (oldest) idle.delete(oldest[0]);
  for (const one of [former, oldest?.[1]]) {
    one?.then((other) => other.close(Deadline.inBackground(removeMs))).catch(() => {});
  }
}

/** Undefined if there is none, or it could not be made as new. */
async function takeIdle(options: ResolvedOptions): Promise<Cluster | undefined> {
  const key = clusterKey(options);
  const renewed = idle.get(key);
  idle.delete(key);
  return timed('waiting for the cluster to be as new', () =>
    within(Deadline.in(renewMs), 'the cluster to be put back', async () =>
      renewed?.catch(() => undefined),
    ),
  );
}

async function newCluster(options: ResolvedOptions): Promise<Cluster> {
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

async function renew(cluster: Cluster): Promise<Cluster> {
  try {
    return await cluster.handOver(Deadline.inBackground(renewMs));
  } catch (error) {
    await cluster.close(Deadline.inBackground(removeMs)).catch(() => {});
    throw error;
  }
}

/** Removes the clusters that no file uses. A process need not do that: its end does. */
export async function removeIdleClusters(deadline: Deadline): Promise<void> {
  const clusters = [...idle.values()];
  idle.clear();
  await within(deadline, 'clusters to be removed', () =>
    Promise.all(
      clusters.map(async (renewed) => {
        const cluster = await renewed.catch(() => undefined);
        await cluster?.close(deadline);
      }),
    ),
  );
}
