import { start } from '../support/cluster';
import { keepEnv } from '../support/env';
import { expectNothingLeft } from '../support/leftovers';
import { command, inputs, type Project, useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';

const newProject = useProjects('prepare');
keepEnv(afterEach);
afterEach(expectNothingLeft);

const prepare = { command, inputs };

/** Starts a cluster in a project; resolves to what each node answers. */
async function started(project: Project, sql: string, given: Record<string, unknown> = {}) {
  await using the = await start({ slaves: 1, prepare, ...given }, project.folder);
  const { nodes } = the.pgCluster;
  return await Promise.all(nodes.map(({ url }) => rows(url, sql)));
}

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

test('it runs again when an input, the command, init or the lock file has changed', async () => {
  const project = newProject();
  const ask = (given = {}) => started(project, 'TABLE once', { slaves: 0, ...given });
  await ask();
  project.write('migrations/1.sql', 'CREATE TABLE later ()');
  await ask();
  expect(project.runs).toBe(2);
  project.write('README', 'no input');
  await ask();
  expect(project.runs).toBe(2);
  await ask({ prepare: { command: `${command} again`, inputs } });
  expect(project.runs).toBe(3);
  project.write('init.sql', 'CREATE TABLE before_all ()');
  await ask({ init: 'init.sql' });
  expect(project.runs).toBe(4);
  project.write('package-lock.json', '{}');
  await ask();
  expect(project.runs).toBe(5);
  await ask();
  expect(project.runs).toBe(5);
});

test('a script gets a connection and a URL; ES modules and CommonJS are taken', async () => {
  const project = newProject();
  project.write(
    'migrate.cjs',
    `const { Client } = require('pg');
     exports.default = async ({ client, url }) => {
       await client.query('CREATE TABLE t (a text)');
       const other = new Client(url);
       await other.connect();
       await other.query("INSERT INTO t VALUES (current_user || ' in ' || current_database())");
       await other.end();
     };`,
  );
  project.write('seed.mjs', `export default ({ client }) => client.query('CREATE TABLE seed ()')`);
  const script = (name: string) => ({ prepare: { script: name, inputs: 'migrations' } });

  const asked = { user: 'app', database: 'shop', slaves: 0, ...script('migrate.cjs') };
  expect(await started(project, 'TABLE t', asked)).toEqual([[{ a: 'app in shop' }]]);
  expect(await started(project, 'TABLE seed', script('seed.mjs'))).toEqual([[], []]);
});

test('a command finds programs of packages, and libpq finds the server', async () => {
  const project = newProject();
  const given = { prepare: { command: 'tsx tool.ts > out.txt', inputs: 'tool.ts' }, slaves: 0 };
  project.write(
    'tool.ts',
    `import pg from 'pg';
     const client: pg.Client = new pg.Client();
     void client.connect().then(() => client.query('CREATE TABLE by_tool ()')).then(() => client.end());`,
  );
  process.env.PGHOST = 'elsewhere';
  const asked = started(project, 'TABLE by_tool', given);
  await expect(asked).resolves.toEqual([[]]);
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
         'CREATE SCHEMA app', 'CREATE TABLE app.t AS SELECT 1 AS a', 'CREATE PUBLICATION p FOR ALL TABLES',
       ]) await client.query(sql);
     };`,
  );
  await using the = await start(
    { slaves: 1, superuser: true, prepare: { script: 'all.mjs', inputs: 'migrations' } },
    project.folder,
  );
  const { pgCluster } = the;
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
