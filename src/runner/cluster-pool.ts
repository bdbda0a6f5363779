import { Deadline, within } from '../base/deadline';
import { timed } from '../base/step-times';
import { guard } from '../cleanup/guard';
import { endWithParent, mayOutliveParent } from '../cleanup/orphan';
import type { Cluster } from '../cluster/cluster';
import { removeGuarded, startGuarded } from '../cluster/lifecycle/guarded-cluster';
import { handOver } from '../cluster/lifecycle/hand-over';
import { removeCluster } from '../cluster/lifecycle/remove-cluster';
import { expectRestore } from '../cluster/lifecycle/snapshot';
import type { ResolvedOptions } from '../options/take-options';
import { clusterKey } from './cluster-key';
import { expectLosses, stopExpectingLosses } from './connections-left-open';

/** How long a used cluster may take to become as new. After that, another one is started. */
const handOverMs = 60_000;
const removeMs = 30_000;
/** How many idle clusters a process keeps: files with different options may alternate. */
const idleAtMost = 2;

/**
 * The clusters of this process that wait for their next test file, by what they were asked to be.
 * Each promise resolves when its cluster is as new.
 */
const idle = new Map<string, Promise<Cluster>>();
/** What the clusters that files use now were asked to be: SQL files may have changed since. */
const keys = new WeakMap<Cluster, string>();

/** A cluster for one test file. Until it is released, this process ends with its parent. */
export async function acquireCluster(options: ResolvedOptions): Promise<Cluster> {
  endWithParent();
  const starting = options.lifetime === 'worker' ? takeOrStart(options) : startNew(options);
  const cluster = await starting.catch((error: unknown) => {
    mayOutliveParent();
    throw error;
  });
  stopExpectingLosses();
  return cluster;
}

async function takeOrStart(options: ResolvedOptions): Promise<Cluster> {
  const key = clusterKey(options);
  const kept = await takeIdle(key);
  if (kept) {
    guard(kept.engineKind);
    kept.plan.spares.allow(options.spareServers);
    expectRestore(kept, kept.newborn);
  }
  const cluster = kept ?? (await startNew(options));
  keys.set(cluster, key);
  return cluster;
}

async function startNew(options: ResolvedOptions): Promise<Cluster> {
  const { lifetime, isolation, spareServers } = options;
  const cluster = await startGuarded(options);
  // With `lifetime: 'worker'` alone they are of no use to a worker's only file.
  if (isolation === 'test') cluster.plan.spares.allow(spareServers);
  if (lifetime === 'worker' || isolation === 'test') expectRestore(cluster, cluster.newborn);
  return cluster;
}

/** The file has ended: the cluster is removed, or made as new for the next file. */
export async function releaseCluster(cluster: Cluster, file: string): Promise<void> {
  const key = keys.get(cluster);
  if (key === undefined) {
    const closing = removeGuarded(cluster).finally(mayOutliveParent);
    expectLosses({ file, endpoints: cluster.endpoints }, closing);
    await closing;
    return;
  }
  // Nobody waits for an idle cluster. If the process ends meanwhile, the reaper removes it.
  mayOutliveParent();
  const next = asNew(cluster);
  expectLosses({ file, endpoints: cluster.endpoints }, next);
  keepIdle(key, next);
}

/** One cluster for each key is enough, and the oldest makes room for others. */
function keepIdle(key: string, cluster: Promise<Cluster>): void {
  cluster.catch(() => {
    if (idle.get(key) === cluster) idle.delete(key);
  });
  const former = idle.get(key);
  idle.delete(key);
  idle.set(key, cluster);
  const [oldest] = idle.size > idleAtMost ? idle : [];
  if (oldest) idle.delete(oldest[0]);
  for (const superfluous of [former, oldest?.[1]]) {
    superfluous
      ?.then((other) => removeCluster(other, Deadline.inBackground(removeMs)))
      .catch(() => {});
  }
}

/** Undefined if there is none, or if it could not be made as new. */
async function takeIdle(key: string): Promise<Cluster | undefined> {
  const kept = idle.get(key);
  idle.delete(key);
  return timed('waiting for the cluster to be as new', () =>
    within(Deadline.in(handOverMs), 'the cluster to be as new', async () =>
      kept?.catch(() => undefined),
    ),
  );
}

async function asNew(cluster: Cluster): Promise<Cluster> {
  try {
    return await handOver(cluster, Deadline.inBackground(handOverMs));
  } catch (error) {
    await removeCluster(cluster, Deadline.inBackground(removeMs)).catch(() => {});
    throw error;
  }
}

/** Removes the idle clusters. A process need not call it: they go when the process ends. */
export async function removeIdleClusters(deadline: Deadline): Promise<void> {
  const clusters = [...idle.values()];
  idle.clear();
  await within(deadline, 'clusters to be removed', () =>
    Promise.all(
      clusters.map(async (kept) => {
        const cluster = await kept.catch(() => undefined);
        if (cluster) await removeCluster(cluster, deadline);
      }),
    ),
  );
}
