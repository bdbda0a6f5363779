import { Client } from 'pg';
import { start, useCluster } from '../support/cluster';
import { failure } from '../support/failure';
import { useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';

const newProject = useProjects('superuser');

describe('the role that tests log in as', () => {
  const the = useCluster({ slaves: 1, user: 'app', database: 'shop' });
  const run = (sql: string) => rows(the.pgCluster.masterUrl, sql);

  test('is an ordinary one, which owns its database and the schema public', async () => {
    const [role] = await run(
      `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
         pg_get_userbyid(datdba) AS database, pg_get_userbyid(nspowner) AS public
       FROM pg_roles, pg_database, pg_namespace
       WHERE rolname = current_user AND datname = current_database() AND nspname = 'public'`,
    );
    expect(role).toEqual({
      ...{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false },
      ...{ rolbypassrls: false, database: 'app', public: 'app' },
    });
  });

  test('may create tables, schemas, trusted extensions and publications', async () => {
    await run(
      `CREATE TABLE public.t (a int); CREATE SCHEMA inner_one CREATE TABLE t (a int);
       CREATE EXTENSION pg_trgm; CREATE PUBLICATION p FOR TABLE t`,
    );
  });

  test('may use what query() has made, and does not own it', async () => {
    await the.pgCluster.master.query('CREATE TABLE made (id serial)');
    await run('INSERT INTO made DEFAULT VALUES');
    await expect(run('ALTER TABLE made ADD COLUMN a int')).rejects.toMatchObject({ code: '42501' });
  });

  test('meets row-level security and missing grants, as the application does', async () => {
    await the.pgCluster.master.query(
      `CREATE TABLE secrets (owner text, secret text);
       INSERT INTO secrets VALUES ('app', 'mine'), ('other', 'not mine');
       ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
       CREATE POLICY own ON secrets USING (owner = current_user);
       CREATE ROLE dba; CREATE SCHEMA theirs AUTHORIZATION dba;
       SET ROLE dba; CREATE TABLE theirs.forbidden (a int)`,
    );
    expect(await run('TABLE secrets')).toEqual([{ owner: 'app', secret: 'mine' }]);
    await expect(run('TABLE theirs.forbidden')).rejects.toMatchObject({ code: '42501' });
    // query() works as a superuser.
    expect(await the.pgCluster.master.query('TABLE secrets')).toHaveLength(2);
  });

  test('cannot have the connections that PostgreSQL reserves for superusers', async () => {
    const { master } = the.pgCluster;
    await master.exhaustConnections();
    const client = new Client(master.url);
    await expect(client.connect()).rejects.toMatchObject({ code: '53300' });
    await expect(master.query('SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await the.pgCluster.heal();
  });
});

test('superuser: true makes it one, who can take all connections', async () => {
  await using the = await start({ slaves: 0, superuser: true });
  const { master, masterUrl } = the.pgCluster;
  const sql = 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user';
  expect(await rows(masterUrl, sql)).toEqual([{ rolsuper: true }]);
  await master.exhaustConnections();
  await expect(master.query('SELECT 1')).rejects.toMatchObject({ code: '53300' });
});

test('init that needs a superuser fails, with the remedy', async () => {
  const project = newProject();
  project.write('init.sql', 'CREATE EXTENSION pg_buffercache');
  await expect(start({ slaves: 0, init: 'init.sql' }, project.folder)).rejects.toMatchObject(
    failure(
      'IMAGE',
      /permission denied to create extension[\s\S]*let the option extensions make extensions, or set superuser: true/,
    ),
  );
});
