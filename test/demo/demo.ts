import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..');

/** Plays the recipe's three acts in a small project, with the real Jest. */
async function main(): Promise<void> {
  const project = mkdtempSync(join(tmpdir(), 'pg-cluster-demo-'));
  try {
    cpSync(join(__dirname, 'project'), project, { recursive: true });
    // As npm would install them.
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(root, join(project, 'node_modules', 'jest-environment-pg-cluster'));
    symlinkSync(join(root, 'node_modules', 'pg'), join(project, 'node_modules', 'pg'));

    say('a project with this jest.config.js runs: jest --verbose\n');
    say(
      "  preset: 'jest-environment-pg-cluster', testEnvironmentOptions: { engine: 'local', slaves: 2 }\n\n",
    );
    const startedAt = performance.now();
    const jest = spawn(
      process.execPath,
      [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--verbose', '--runInBand'],
      { cwd: project, stdio: 'inherit' },
    );
    const [code] = await once(jest, 'exit');
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(
      code === 0
        ? `\nThree servers were started, broken, mended and removed in ${seconds} s. The tests are in test/demo/project.\n`
        : `\nJest ended with ${code} after ${seconds} s.\n`,
    );
    process.exitCode = code ?? 1;
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

function say(text: string): void {
  process.stderr.write(text);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
