import { start } from '../support/cluster';
import { expectNothingLeft } from '../support/leftovers';
import { started, useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';

const newProject = useProjects('prepare');
afterEach(expectNothingLeft);

test('every node of every cluster is born with what a command left, and it runs once', async () => {
  const project = newProject();
  project.write('migrations/1.sql', 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)');
  const sum = 'SELECT sum(a)::int AS sum FROM t';

  expect(await started(project, sum)).toEqual([[{ sum: 3 }], [{ sum: 3 }]]);
  expect(await started(project, sum, { slaves: 0 })).toEqual([[{ sum: 3 }]]);
  expect(project.runs).toBe(1);
});

test('clusters that start at the same time have it run once', async () => {
  const project = newProject();
  await Promise.all([1, 2, 3].map(() => started(project, 'TABLE once', { slaves: 0 })));
  expect(project.runs).toBe(1);
});

test('all that it changed is there, also after a reset and in a slave that is added', async () => {
  const project = newProject();
  project.write(
    'all.mjs',
    `export default async ({ client }) => {
       for (const sql of [
         'CREATE ROLE reader LOGIN', "ALTER ROLE reader SET work_mem = '7MB'", 'GRANT pg_read_all_data TO reader',
         'ALTER DATABASE testsuite SET lock_timeout = 4321', 'ALTER SYSTEM SET deadlock_timeout = 3210',
         'CREATE DATABASE other', "SELECT lo_from_bytea(4711, 'large')", 'CREATE EXTENSION hstore',
         'CREATE TABLE large AS SELECT md5(i::text) FROM generate_series(1, 200000) AS i',
         'CREATE SCHEMA app', 'CREATE TABLE app.t AS SELECT 1 AS a', 'CREATE PUBLICATION p FOR ALL TABLES',
       ]) await client.query(sql);
     };`,
  );
  await using the = await start(
    { slaves: 1, superuser: true, prepare: { script: 'all.mjs', inputs: 'migrations' } },
    project.folder,
  );
  const { pgCluster } = the;
  // The table took some 13 MB of WAL, which nobody needs any more.
  const walBytes = 'SELECT sum(size)::int AS bytes FROM pg_ls_waldir()';
  for (const node of pgCluster.nodes) {
    const [wal] = await node.query<{ bytes: number }>(walBytes);
    expect(wal?.bytes).toBeLessThan(8_000_000);
  }
  const left = () =>
    Promise.all(
      pgCluster.nodes.map(async ({ url }) => {
        const [row] = await rows(
          url,
          `SELECT current_setting('lock_timeout') AS "lock", current_setting('deadlock_timeout') AS deadlock,
             (SELECT setconfig FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole WHERE rolname = 'reader') AS reader,
             (SELECT count(*)::int FROM pg_database WHERE datname = 'other') AS other,
             convert_from(lo_get(4711), 'UTF8') AS large, 'a => 1'::hstore -> 'a' AS hstore,
             (SELECT a FROM app.t) AS a, (SELECT pubname FROM pg_publication) AS publication`,
        );
        return row;
      }),
    );
  const expected = {
    ...{ lock: '4321ms', deadlock: '3210ms', reader: ['work_mem=7MB'], other: 1, large: 'large' },
    ...{ hstore: '1', a: 1, publication: 'p' },
  };
  expect(await left()).toEqual([expected, expected]);
  await pgCluster.master.query('DROP SCHEMA app CASCADE; DROP EXTENSION hstore');
  await pgCluster.reset();
  await pgCluster.addSlave();
  expect(await left()).toEqual([expected, expected, expected]);
});
