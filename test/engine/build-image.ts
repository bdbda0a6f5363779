import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { readProgress } from './progress';

/** Builds an image from files (executable, all of them), the one named Dockerfile included. */
export async function buildImage(
  docker: Docker,
  tag: string,
  files: Readonly<Record<string, string | Buffer>>,
  labels: Record<string, string> = {},
): Promise<void> {
  const context = pack();
  for (const [name, content] of Object.entries(files)) {
    context.entry({ name, mode: 0o755 }, content);
  }
  context.finalize();
  const options = { t: tag, labels, rm: true, forcerm: true };
  await readProgress(await docker.buildImage(Readable.from(context), options));
}
