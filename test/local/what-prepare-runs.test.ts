import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import {
  command,
  inputs,
  refused,
  script,
  started,
  useProjects,
} from '../support/prepared-project';

/** What is the same on every engine: how it is run, and when again. */
const newProject = useProjects('what-prepare-runs');
keepEnv(afterEach);
afterEach(expectNothingLeft);

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
test('a command that is not there is told', async () => {
  const given = { prepare: { command: 'no-such-tool up', inputs } };
  expect(await refused(newProject(), given)).toMatchObject(
    failure('PREPARE', /`no-such-tool up` names a program that is not there[\s\S]*no-such-tool/),
  );
});

test('a script without a function, and one that throws', async () => {
  const project = newProject();
  project.write('object.mjs', 'export default {}');
  project.write('throws.mjs', "export default () => { throw new Error('no such thing') }");
  expect(await refused(project, script('object.mjs'))).toMatchObject(
    failure('PREPARE', 'object.mjs has no function as its default export'),
  );
  expect(await refused(project, script('throws.mjs'))).toMatchObject(
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
  expect(await refused(project, { prepare })).toMatchObject(
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
  expect(await refused(project, { prepare })).toMatchObject(
    failure('PREPARE', /still uses the server: stays \(pid/),
  );
});
