import { randomInt } from 'node:crypto';
import type { Cluster } from '../../src/cluster/cluster';
import { formatTimeline } from '../../src/cluster/timeline';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { start } from '../support/cluster';

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
  await using the = await start(options);
  const { pgCluster } = the;
  try {
    await walk(pgCluster, the.cluster);
  } catch (error) {
    process.stderr.write(`${formatTimeline(pgCluster.timeline.slice(-40))}\n`);
    throw error;
  }
}
