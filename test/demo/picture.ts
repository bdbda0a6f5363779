import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawFailover } from './draw-failover';
import { play } from './play';

/** Makes the README's picture of a failover that has just happened, or one at the path that is given. */
async function main(): Promise<void> {
  const picture = process.argv[2] ?? resolve(__dirname, '..', '..', '.github', 'picture.svg');
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-picture-'));
  try {
    const recording = join(folder, 'recording.json');
    const { code } = await play('failover', [], { RECORDING: recording });
    process.exitCode = code;
    if (code === 0) {
      writeFileSync(picture, drawFailover(JSON.parse(readFileSync(recording, 'utf8'))));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
