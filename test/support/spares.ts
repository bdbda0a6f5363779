import type { PgCluster } from '../../src/handle/pg-cluster';
import type { TestCluster } from './cluster';
import { rows } from './rows';

/** Whether the servers that clients get to have begun before that time, by their own clock. */
export async function beganBefore({ nodes }: PgCluster, time: Date): Promise<boolean[]> {
  const sql = `SELECT pg_postmaster_start_time() < '${time.toISOString()}' AS it`;
  const found = await Promise.all(nodes.map((node) => rows(node.url, sql)));
  return found.map(([row]) => row?.it === true);
}

/** Fails if the reset is done in place. */
export async function resetBySpares({ pgCluster, cluster }: TestCluster): Promise<void> {
  await cluster.plan.spares.settled();
  const now = new Date();
  await pgCluster.reset();
  expect(await beganBefore(pgCluster, now)).toEqual(pgCluster.nodes.map(() => true));
}
