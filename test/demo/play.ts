import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..');

/** Runs the real Jest in a copy of a folder of test/demo, as in a project that has the package. */
export async function play(
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; seconds: string }> {
  const project = mkdtempSync(join(tmpdir(), 'pg-cluster-demo-'));
  try {
    cpSync(join(__dirname, folder), project, { recursive: true });
    // As npm would install them.
    mkdirSync(join(project, 'node_modules'));
    symlinkSync(root, join(project, 'node_modules', 'jest-environment-pg-cluster'));
    symlinkSync(join(root, 'node_modules', 'pg'), join(project, 'node_modules', 'pg'));

    const startedAt = performance.now();
    const jest = spawn(
      process.execPath,
      [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--runInBand', ...args],
      { cwd: project, stdio: 'inherit', env: { ...process.env, ...env } },
    );
    const [code] = await once(jest, 'exit');
    return { code: code ?? 1, seconds: ((performance.now() - startedAt) / 1000).toFixed(1) };
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
