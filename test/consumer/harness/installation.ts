import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command';

/** Tells the tests, which may run in other processes, where the folder is. */
const variable = 'PG_CLUSTER_TEST_INSTALLATION';
const repository = join(__dirname, '..', '..', '..');

/** What a consumer has installed next to the package, in the versions of this repository. */
const companions = ['jest', 'mocha', 'pg', 'typescript', 'vitest', '@types/jest'];

/** Packs the package as it would be published into a folder of its own, outside of the repository. */
export async function packPackage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-consumer-'));
  process.env[variable] = folder;
  // One test runs Jest as another user.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'projects'));
  copyFileSync(join(__dirname, 'note-owner.cjs'), join(folder, 'note-owner.cjs'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');

  const pack = await runCommand('npm', ['pack', '--pack-destination', folder], {
    cwd: repository,
    env: installEnv(),
  });
  pack.expectExit(0);
}

/** Installs it there, once for all tests: Node finds nothing that a consumer would not have. */
export async function installPackage(): Promise<void> {
  const install = await runCommand(
    'npm',
    [
      ...['install', '--prefer-offline', '--no-audit', '--no-fund'],
      tarball(),
      ...companions.map((name) => `${name}@${versionOf(name)}`),
    ],
    { cwd: installation(), env: installEnv() },
  );
  install.expectExit(0);
}

export async function removeInstallation(): Promise<void> {
  const folder = process.env[variable];
  if (folder) await rm(folder, { recursive: true, force: true });
}

/** The folder with `node_modules`; consumers' projects live in its folder `projects`. */
export function installation(): string {
  const folder = process.env[variable];
  if (!folder) throw new Error('run these tests by `jest --selectProjects consumer`');
  return folder;
}

export function tarball(): string {
  return join(installation(), `jest-environment-pg-cluster-${manifest(repository).version}.tgz`);
}

/** The version of a package that this repository has. */
export function versionOf(name: string): string {
  return manifest(join(repository, 'node_modules', name)).version;
}

function manifest(folder: string): { version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Without what npm and Jest put there: it would steer the inner npm. */
export function installEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|userconfig))|JEST_|NODE_ENV$|NODE_OPTIONS$)/i.test(name),
  );
  return Object.fromEntries(entries);
}
