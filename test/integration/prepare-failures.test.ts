import { rm } from 'node:fs/promises';
import { newId } from '../../src/base/new-id';
import { start } from '../support/cluster';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { command, inputs, refused, script, useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';

const newProject = useProjects('prepare-failures');
afterEach(expectNothingLeft);

test('a command that fails is shown with its output, and nothing of it is used', async () => {
  const project = newProject();
  project.write('migrations/1.sql', 'CREATE TABLE t (); TABLE nowhere');
  const given = { prepare: { command, inputs } };
  expect(await refused(project, given)).toMatchObject(
    failure(
      'PREPARE',
      /prepare failed after .*: `node migrate\.mjs` ended with exit code 1; it said\n.*running 0\.sql\n.*running 1\.sql\n[\s\S]*relation "nowhere" does not exist/,
    ),
  );
  project.write('migrations/1.sql', 'SELECT 1');
  await using the = await start({ slaves: 0, ...given }, project.folder);
  expect(await rows(the.pgCluster.masterUrl, "SELECT to_regclass('t')")).toEqual([
    { to_regclass: null },
  ]);
});

test.each([
  ['a replication slot', "SELECT pg_create_physical_replication_slot('kept')", /slot.*: kept/],
  ['a setting of ours', "ALTER SYSTEM SET hba_file = '/tmp/x'", /ALTER SYSTEM.*: hba_file/],
  ['a lost role', 'ALTER ROLE testsuite NOLOGIN', /taken away the role .*: testsuite/],
])('%s is refused', async (_, sql, problem) => {
  const project = newProject();
  project.write('left.mjs', `export default ({ client }) => client.query(${JSON.stringify(sql)})`);
  const given = { superuser: true, ...script('left.mjs') };
  const error = await refused(project, given);
  expect(String(error)).toMatch(problem);
});

test('a tablespace is refused', async () => {
  const project = newProject();
  // On a local engine it is on this machine, and nobody else removes it.
  const far = `/tmp/pgc-far-${newId()}`;
  project.write(
    'far.mjs',
    `export default async ({ client }) => {
       await client.query("COPY (SELECT 1) TO PROGRAM 'mkdir -m 700 ${far}'");
       await client.query("CREATE TABLESPACE far LOCATION '${far}'");
     }`,
  );
  try {
    const error = await refused(project, { superuser: true, ...script('far.mjs') });
    expect(String(error)).toMatch(new RegExp(`made a tablespace.*far in ${far}`));
  } finally {
    await rm(far, { recursive: true, force: true });
  }
});

test('a server that does not survive it is told', async () => {
  const project = newProject();
  project.write(
    'kill.mjs',
    `export default async ({ client }) => {
       client.on('error', () => {});
       await client.query("COPY (SELECT 1) TO PROGRAM 'kill -QUIT $(head -1 postmaster.pid)'").catch(() => {});
     }`,
  );
  const error = await refused(project, { superuser: true, ...script('kill.mjs') });
  expect(error).toMatchObject(failure('PREPARE', /its server does not answer any more/));
});
