import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { silent } from '../../src/base/progress';
import { findBinaries } from '../../src/engine/local/programs/find-programs';
import { runnablePrograms } from '../../src/engine/local/programs/runnable-programs';
import { serverUser } from '../../src/engine/local/system/server-user';
import { start } from '../support/cluster';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { expectNothingLeft } from '../support/leftovers';
import { dataOf } from '../support/local-servers';
import { command, inputs, useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';

const folder = useFolder('tls');
// The servers' user has to get through.
chmodSync(folder, 0o755);
const newProject = useProjects('tls-local');
afterEach(expectNothingLeft);

/** The files below a directory that have a private key. */
function withKey(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => readFileSync(path).includes('PRIVATE KEY'));
}

test('the key is for its server alone, beside its data, and is in nothing that is kept', async () => {
  const project = newProject();
  const cacheDir = join(folder, 'cache');
  const prepare = { command, inputs };
  await using the = await start({ slaves: 0, tls: true, cacheDir, prepare }, project.folder);
  await rows(the.pgCluster.masterUrl, 'SELECT 1');
  await the.pgCluster.snapshot();
  expect(withKey(cacheDir)).toEqual([]);
  const home = dirname(dataOf('pg0'));
  expect(withKey(home)).toEqual([join(home, 'server.key')]);
  const { mode, uid } = statSync(join(home, 'server.key'));
  expect(mode & 0o777).toBe(0o600);
  expect(uid).toBe(serverUser().ids?.uid ?? process.getuid?.());
});

test('programs that were built without OpenSSL are told', async () => {
  const deadline = Deadline.in(60_000);
  const found = await findBinaries(
    { binDir: undefined, version: 17, rootDir: __dirname },
    deadline,
  );
  const o = {
    user: serverUser(),
    cache: join(folder, 'programs'),
    progress: silent,
    uses: () => {},
  };
  const programs = await runnablePrograms(found, o, deadline);
  // As a server says it that was built so.
  const without = `#!/bin/sh
case "$*" in *ssl=on*) echo 'FATAL:  SSL is not supported by this build' >&2; exit 1 ;; esac
exec ${programs}/postgres "$@"
`;
  writeFileSync(join(folder, 'postgres'), without, { mode: 0o755 });
  writeFileSync(join(folder, 'initdb'), `#!/bin/sh\nexec ${programs}/initdb "$@"\n`, {
    mode: 0o755,
  });
  const given = { slaves: 0, binDir: folder };
  await expect(start({ ...given, tls: true })).rejects.toMatchObject(
    failure(
      'START',
      /^the cluster did not start: starting pg0 .*\nthe option tls needs a PostgreSQL/,
    ),
  );
  await using the = await start(given);
  await rows(the.pgCluster.masterUrl, 'SELECT 1');
});
