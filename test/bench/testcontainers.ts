import type { Started } from './bench-nodes';

/** The peer with Docker: one node of `@testcontainers/postgresql`, by its own start, its reaper off. */
export async function startTestcontainers(): Promise<Started & { readonly url: string }> {
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const startedAt = performance.now();
  const container = await new PostgreSqlContainer('postgres:17').start();
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    seconds,
    url: container.getConnectionUri(),
    remove: async () => {
      const stoppingAt = performance.now();
      await container.stop();
      return (performance.now() - stoppingAt) / 1000;
    },
  };
}
