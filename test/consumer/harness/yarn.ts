import { execFileSync } from 'node:child_process';
import { runCommand } from './command';
import { installEnv, tarball, versionOf } from './installation';
import type { Project } from './project';

/** Yarn itself, in one file. */
export const yarn = require.resolve('@yarnpkg/cli-dist/bin/yarn.js');

/** Installs the package and what stands next to it, for this project alone, with Yarn. */
export async function installWithYarn(project: Project): Promise<void> {
  const devDependencies = {
    'jest-environment-pg-cluster': `file:${tarball()}`,
    jest: versionOf('jest'),
    pg: versionOf('pg'),
  };
  project.write('package.json', JSON.stringify({ private: true, devDependencies }));
  // It makes this folder a project of its own.
  project.write('yarn.lock', '');
  const install = await runCommand(process.execPath, [yarn, 'install'], {
    cwd: project.folder,
    env: { ...installEnv(), ...asNpmIsConfigured() },
  });
  install.expectExit(0);
}

/** Yarn does not read what npm is told about the registry and the way to it. */
function asNpmIsConfigured(): NodeJS.ProcessEnv {
  const text = execFileSync('npm', ['config', 'list', '--json'], { encoding: 'utf8' });
  const npm: Record<string, string | null> = JSON.parse(text);
  const registry = npm.registry ?? '';
  const settings = {
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: registry.startsWith('http:') && new URL(registry).hostname,
    YARN_HTTPS_CA_FILE_PATH: npm.cafile,
    YARN_HTTP_PROXY: npm.proxy,
    YARN_HTTPS_PROXY: npm['https-proxy'],
  };
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
