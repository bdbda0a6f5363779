import type Docker from 'dockerode';
import { BenchNodes, type Started } from './bench-nodes';

/**
 * The engine's floor: `count` containers that only sleep, each with a published loopback port,
 * started as a cluster's nodes are in the best case: the first, then all others at once.
 */
export async function startBare(docker: Docker, count: number): Promise<Started> {
  const nodes = new BenchNodes(docker);
  const run = (index: number): Promise<number> =>
    nodes.run({
      image: 'postgres:17',
      alias: `bare${index}`,
      port: 5432,
      command: ['sleep', 'infinity'],
    });
  const started = performance.now();
  try {
    await nodes.createNetwork();
    await run(0);
    const others = Array.from({ length: count - 1 }, (_, index) => run(index + 1));
    // All are let finish before a failure is reported: what starts late must be removed as well.
    const results = await Promise.allSettled(others);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  } catch (error) {
    await nodes.removeAtOnce().catch(() => undefined);
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  return { seconds, remove: () => nodes.removeAtOnce() };
}
