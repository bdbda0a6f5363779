import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, runCommand } from './harness/command';
import { installation, tarball } from './harness/installation';

const repository = join(__dirname, '..', '..');
const installed = () => join(installation(), 'node_modules', 'jest-environment-pg-cluster');

function node(...args: string[]): Promise<Finished> {
  return runCommand(process.execPath, args, { cwd: installation(), env: process.env });
}

test('the package holds what it needs, and nothing else', () => {
  const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(installed(), file)).isFile(),
  );
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'LICENSE',
      'jest-preset.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/report/reporter.js',
      'dist/report/page/assets/page.css',
      'dist/cli/pg-cluster.js',
      'dockerfiles/master/Dockerfile',
      'dockerfiles/slave/Dockerfile',
      'dockerfiles/same-directory.sh',
      'dockerfiles/start-node.sh',
    ]),
  );
  const others = files.filter(
    (file) =>
      !/^(dist\/.+\.(js|d\.ts)|dist\/vitest\/[\w-]+\.(mjs|d\.mts)|dist\/report\/page\/assets\/page\.css|dockerfiles\/.+|(README|CHANGELOG)\.md|LICENSE|package\.json|jest-preset\.js)$/.test(
        file,
      ),
  );
  expect(others).toEqual([]);
});

test('whoever requires it does not wait for what only a cluster needs', async () => {
  const script = `
    require('jest-environment-pg-cluster');
    console.log(Object.keys(require.cache).join('\\n'));`;
  const required = await node('-e', script);
  required.expectExit(0);
  const packages = required.stdout.split('\n').flatMap((file) => {
    const [, name] = /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? [];
    return name === undefined ? [] : [name];
  });
  expect(packages).toContain('jest-environment-node');
  expect(packages).not.toContain('pg');
  expect(packages).not.toContain('dockerode');
  expect(packages).not.toContain('debug');
});

test('publint finds one thing, which Jest asks for: default exports, of environment and reporter', async () => {
  const script = `
    import { publint } from 'publint';
    const { messages } = await publint({ pkgDir: process.argv[1], strict: true, pack: false });
    console.log(JSON.stringify(messages.map(({ code }) => code)));`;
  const linted = await runCommand(
    process.execPath,
    ['--input-type=module', '-e', script, installed()],
    { cwd: repository, env: process.env },
  );
  linted.expectExit(0);
  const found = 'CJS_WITH_ESMODULE_DEFAULT_EXPORT';
  expect(JSON.parse(linted.stdout)).toEqual([found, found]);
});

test.each([
  // Nobody imports a preset: Jest itself loads it, and it has no types.
  [['.', 'package.json'], []],
  // The oldest way of resolving, node10, finds no path inside a package, whoever made it.
  [
    ['reporter', 'cluster'],
    ['--profile', 'node16'],
  ],
])('its types are right for every way of importing %j', async (entrypoints, profile) => {
  const attw = join(repository, 'node_modules', '.bin', 'attw');
  const args = [
    ...['--format', 'ascii', '--no-color', '--no-emoji'],
    ...['--entrypoints', ...entrypoints],
    ...profile,
    // As above: what Jest's own environments have, too.
    ...['--ignore-rules', 'cjs-only-exports-default'],
  ];
  const checked = await runCommand(attw, [tarball(), ...args], {
    cwd: installation(),
    env: process.env,
  });
  checked.expectExit(0);
});

const specifiers = [
  '',
  '/cluster',
  '/reporter',
  '/vitest',
  '/jest-preset',
  '/jest-preset.js',
  '/package.json',
].map((path) => `jest-environment-pg-cluster${path}`);

test.each(specifiers)('require and import resolve %s', async (specifier) => {
  const required = await node('-e', `require('${specifier}')`);
  required.expectExit(0);
  const json = specifier.endsWith('.json') ? ", { with: { type: 'json' } }" : '';
  const imported = await node('--input-type=module', '-e', `await import('${specifier}'${json})`);
  imported.expectExit(0);
});

test('ES modules can import by name', async () => {
  const script = `import { PgClusterError, TestEnvironment } from 'jest-environment-pg-cluster';
    console.log(typeof PgClusterError, typeof TestEnvironment);`;
  const told = await node('--input-type=module', '-e', script);
  told.expectExit(0);
  expect(told.stdout).toBe('function function\n');
});

test('startCluster is imported by name, and loads nothing of Jest', async () => {
  const script = `import { startCluster, PgClusterError } from 'jest-environment-pg-cluster/cluster';
    import { createRequire } from 'node:module';
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(typeof startCluster, typeof PgClusterError);
    console.log(loaded.filter((path) => /jest-(environment-node|circus|runtime)/.test(path)).length);`;
  const told = await node('--input-type=module', '-e', script);
  told.expectExit(0);
  expect(told.stdout).toBe('function function\n0\n');
});

test('Vitest is not installed for those who do not use it', () => {
  const manifest = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies)).not.toContain('vitest');
  expect(manifest.peerDependencies).toEqual({ vitest: '>=4.1' });
  expect(manifest.peerDependenciesMeta).toEqual({ vitest: { optional: true } });
});

test('what is not exported cannot be reached', async () => {
  const required = await node(
    '-e',
    `require('jest-environment-pg-cluster/dist/jest/environment.js')`,
  );
  expect(required.stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

test('the default export is the environment', async () => {
  const script = `
    const { default: Environment, TestEnvironment, PgClusterError } = require('jest-environment-pg-cluster');
    const { TestEnvironment: Base } = require('jest-environment-node');
    console.log(JSON.stringify([
      /^class /.test(String(Environment)),
      Environment.prototype instanceof Base,
      TestEnvironment === Environment,
      new PgClusterError('ERR_PG_CLUSTER_STATE', 'words').code,
    ]));`;
  const told = await node('-e', script);
  told.expectExit(0);
  expect(JSON.parse(told.stdout)).toEqual([true, true, true, 'ERR_PG_CLUSTER_STATE']);
});
