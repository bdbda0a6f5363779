import { randomInt } from 'node:crypto';
import { Deadline } from '../../src/base/deadline';
import type { Cluster } from '../../src/cluster/cluster';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { formatTimeline } from '../../src/cluster/timeline';
import { handleOf } from '../../src/handle/cluster-handle';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { start } from './with-cluster';

/** One that is always the same decides whether a change lands; `random` looks for what it misses. */
const asked = process.env.PG_CLUSTER_SEED ?? '1';

/** The same choices for the same seed, which is in the name of a test that uses it. */
export const seed = asked === 'random' ? randomInt(1_000_000) : Number(asked);

/** Chooses from lists; only the seed decides what. */
export type Pick = <T>(list: readonly T[]) => T;

export function newPick(): Pick {
  const random = generator(seed);
  return <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
}

/** Numbers from 0 to 1 (mulberry32). */
function generator(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Walks on a cluster of its own; when that fails, what was done last is printed. */
export async function walkOn(
  options: Record<string, unknown>,
  walk: (pgCluster: PgCluster, cluster: Cluster) => Promise<void>,
): Promise<void> {
  const cluster = await start(options);
  const pgCluster = handleOf(cluster);
  try {
    await walk(pgCluster, cluster);
  } catch (error) {
    process.stderr.write(`${formatTimeline(pgCluster.timeline.slice(-40))}\n`);
    throw error;
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
}
