import { start } from '../support/cluster';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { command, inputs, type Project, useProjects } from '../support/prepared-project';
import { rows } from '../support/rows';

const newProject = useProjects('prepare-failures');
afterEach(expectNothingLeft);

async function failed(project: Project, given: Record<string, unknown>) {
  return start({ slaves: 0, ...given }, project.folder).then(
    async (the) => {
      await the[Symbol.asyncDispose]();
      throw new Error('it started');
    },
    (error: unknown) => error,
  );
}

const script = (name: string) => ({ prepare: { script: name, inputs: 'migrations' } });

test('a command that fails is shown with its output, and nothing of it is used', async () => {
  const project = newProject();
  project.write('migrations/1.sql', 'CREATE TABLE t (); TABLE nowhere');
  const given = { prepare: { command, inputs } };
  expect(await failed(project, given)).toMatchObject(
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

test('a command that is not there is told', async () => {
  const given = { prepare: { command: 'no-such-tool up', inputs } };
  expect(await failed(newProject(), given)).toMatchObject(
    failure('PREPARE', /`no-such-tool up` names a program that is not there[\s\S]*no-such-tool/),
  );
});

test('a script without a function, and one that throws', async () => {
  const project = newProject();
  project.write('object.mjs', 'export default {}');
  project.write('throws.mjs', "export default () => { throw new Error('no such thing') }");
  expect(await failed(project, script('object.mjs'))).toMatchObject(
    failure('PREPARE', 'object.mjs has no function as its default export'),
  );
  expect(await failed(project, script('throws.mjs'))).toMatchObject(
    failure('PREPARE', 'Error: no such thing'),
  );
});

test('a pool that nobody ends lets it run into its deadline, with the session named', async () => {
  const project = newProject();
  project.write(
    'pool.mjs',
    `import pg from 'pg';
     const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, application_name: 'my pool', idleTimeoutMillis: 0 });
     await pool.query('SELECT 1');`,
  );
  const prepare = { command: 'node pool.mjs', inputs, timeoutMs: 3000 };
  expect(await failed(project, { prepare })).toMatchObject(
    failure('PREPARE', /has not ended, and was killed; its sessions: my pool \(pid \d+, idle\)/),
  );
});

test('what it started in the background, and left, is refused and ended', async () => {
  const project = newProject();
  project.write(
    'stay.mjs',
    `import pg from 'pg';
     const client = new pg.Client({ connectionString: process.env.DATABASE_URL, application_name: 'stays' });
     await client.connect();
     setInterval(() => {}, 1000);`,
  );
  const prepare = { command: 'node stay.mjs & sleep 1; echo $! > pid', inputs };
  expect(await failed(project, { prepare })).toMatchObject(
    failure('PREPARE', /still uses the server: stays \(pid/),
  );
});

test.each([
  ['a replication slot', "SELECT pg_create_physical_replication_slot('kept')", /slot.*: kept/],
  ['a setting of ours', "ALTER SYSTEM SET hba_file = '/tmp/x'", /ALTER SYSTEM.*: hba_file/],
  ['a lost role', 'ALTER ROLE testsuite NOLOGIN', /taken away the role .*: testsuite/],
])('%s is refused', async (_, sql, problem) => {
  const project = newProject();
  project.write('left.mjs', `export default ({ client }) => client.query(${JSON.stringify(sql)})`);
  const given = { superuser: true, ...script('left.mjs') };
  const error = await failed(project, given);
  expect(String(error)).toMatch(problem);
});

test('a tablespace is refused', async () => {
  const project = newProject();
  project.write(
    'far.mjs',
    `export default async ({ client }) => {
       await client.query("COPY (SELECT 1) TO PROGRAM 'rm -rf /tmp/pgc-far && mkdir -m 700 /tmp/pgc-far'");
       await client.query("CREATE TABLESPACE far LOCATION '/tmp/pgc-far'");
     }`,
  );
  const error = await failed(project, { superuser: true, ...script('far.mjs') });
  expect(String(error)).toMatch(/made a tablespace.*far in \/tmp\/pgc-far/);
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
  const error = await failed(project, { superuser: true, ...script('kill.mjs') });
  expect(error).toMatchObject(failure('PREPARE', /its server does not answer any more/));
});
