import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Series } from './table';

const files = 20;
const root = join(__dirname, '..', '..');

/** How each file of a suite gets its database: by its own hooks, or by our environment. */
const ways: [name: string, env: Record<string, string>][] = [
  ['jest-environment-node, no database', { SUITE_BY: 'nothing' }],
  ['recipe of 2015 per file, 1 + 2', { SUITE_BY: 'recipe' }],
  ['testcontainers per file, one node', { SUITE_BY: 'testcontainers' }],
  ['this, docker, lifetime file, 1 + 2', { SUITE_ENGINE: 'docker', SUITE_LIFETIME: 'file' }],
  ['this, docker, lifetime worker, 1 + 2', { SUITE_ENGINE: 'docker', SUITE_LIFETIME: 'worker' }],
  ['this, local, lifetime file, 1 + 2', { SUITE_ENGINE: 'local', SUITE_LIFETIME: 'file' }],
  ['this, local, lifetime worker, 1 + 2', { SUITE_ENGINE: 'local', SUITE_LIFETIME: 'worker' }],
  [
    'the same, with the reporter',
    { SUITE_ENGINE: 'local', SUITE_LIFETIME: 'worker', SUITE_REPORTER: 'always' },
  ],
];

/** A suite of 20 files with two workers, by the real Jest, from start to end. */
export async function measureSuite(rounds: number): Promise<Series> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-bench-'));
  const series: Series = {};
  try {
    cpSync(join(__dirname, 'suite'), folder, { recursive: true });
    for (let file = 0; file < files; file += 1) {
      writeFileSync(join(folder, `file${file}.test.js`), `require('./tests');\n`);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, env] of ways) {
        const startedAt = performance.now();
        await runJest(folder, env);
        series[name] = [...(series[name] ?? []), (performance.now() - startedAt) / 1000];
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return series;
}

function runJest(folder: string, env: Record<string, string>): Promise<void> {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  // The hooks of those who have no environment are TypeScript, from this bench.
  const child = spawn(process.execPath, [jest, '--maxWorkers=2', '--rootDir', folder], {
    cwd: folder,
    env: { ...process.env, ...env, SUITE_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the suite failed for ${JSON.stringify(env)}:\n${said}`));
    });
  });
}
