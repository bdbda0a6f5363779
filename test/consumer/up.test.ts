import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { globSync } from 'tinyglobby';
import { until } from '../support/until';
import { runPgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';
import type { Run } from './harness/run';
import { inTerminal, Person } from './harness/terminal';

const local = ['--engine', 'local'];

function said({ stdout }: Run): string {
  return stdout.replaceAll(/postgres:\S+/g, 'URL');
}

test('commands of standard input are done one after another, and what fails is told', async () => {
  const run = await runPgCluster(new Project('by-hand'), ['up', ...local, '--slaves', '1'], {
    env: { DEBUG: 'pg-cluster' },
    input: `
      sql('CREATE TABLE t AS SELECT 1 AS a, NULL AS b')
      pgCluster.waitForCatchup()
      sql(pg1, 'TABLE t')
      pgCluster.killMaster()
      const next = await pgCluster.failover()
      next === pg1
      status
      pgCluster.failover()
    `,
  });
  run.expectExit(1);
  // By itself, not by what clears up behind a process that has ended.
  expect(run.stderr).toMatch(/removing the cluster took.*\npg-cluster up: a command has failed\n$/);
  expect(said(run)).toMatch(/^NODE +ROLE +STATE/);
  expect(said(run)).toMatch(/^pg1 +slave +running, streams.* URL$/m);
  const [, after = ''] = said(run).split('\na  b\n1  null\n');
  expect(after).toMatch(/^true$/m);
  expect(after).toMatch(/^pg0 +slave +stopped/m);
  expect(after).toMatch(/^pg1 +master +running.* 2 +URL$/m);
  expect(after).toMatch(/^writer +endpoint +leads to pg1 +URL$/m);
  expect(after).toMatch(/PgClusterError \[ERR_PG_CLUSTER_STATE\]: .*pg1/);
});

test('it takes the options of a Jest config, and flags win over them', async () => {
  const project = new Project('by-hand');
  const config = ['up', '--config', 'jest.config.js'];
  const input = "sql('TABLE accounts')\npgCluster.nodes.length";
  const run = await runPgCluster(project, config, { input });
  run.expectExit(0);
  expect(said(run)).toMatch(/balance\n42\n2\n$/);
  const other = await runPgCluster(project, [...config, '--slaves', '0'], { input });
  expect(said(other)).toMatch(/balance\n42\n1\n$/);
});

test('of several projects one is chosen', async () => {
  const project = new Project('by-hand');
  const config = ['up', '--config', 'several.config.js'];
  const unclear = await runPgCluster(project, config);
  unclear.expectExit(2);
  expect(unclear.stderr).toContain('choose one of them by --project: alone, replicated');
  const run = await runPgCluster(project, [...config, '--project', 'alone'], {
    input: 'pgCluster.nodes.length',
  });
  expect(said(run)).toMatch(/\n1\n$/);
});

test.each([
  [
    ['--slaves', '99'],
    /options of pg-cluster up: a problem, nothing was started\n {2}- slaves must be/,
  ],
  [['--slave', '1'], /there is no flag --slave/],
  [['--config', 'missing.js'], /missing\.js cannot be read/],
  [['--attach'], /no cluster is held here/],
])('up %j starts nothing', async (args, message) => {
  // Clusters of other tests are not of this home.
  const project = new Project('by-hand');
  const run = await runPgCluster(project, ['up', ...args], {
    env: { TMPDIR: emptyFolder(project) },
  });
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toMatch(message);
  expect(run.stdout).toBe('');
});

test('left in the background it is reached by its variables, by a prompt, and ended by down', async () => {
  const project = new Project('by-hand');
  const env = { TMPDIR: emptyFolder(project) };
  const up = await runPgCluster(project, ['up', '--detach', ...local, '--slaves', '1'], { env });
  up.expectExit(0);
  const variables = Object.fromEntries(
    up.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  expect(Object.keys(variables)).toEqual([
    ...['PG_CLUSTER_ID', 'PG_MASTER_URL', 'PG_SLAVE_URLS', 'PG_WRITER_URL', 'PG_READER_URL'],
    ...['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE'],
  ]);
  const client = new Client(variables.PG_WRITER_URL);
  client.on('error', () => {});
  await client.connect();
  await client.query('CREATE TABLE kept (a int)');

  const prompt = await runPgCluster(project, ['up', '--attach'], {
    env,
    input: "sql('TABLE kept')\npg1.pause()\n",
  });
  prompt.expectExit(0);
  expect(prompt.stdout).toContain('[]');
  const another = await runPgCluster(project, ['up', '--attach', variables.PG_CLUSTER_ID], {
    env,
    input: 'status\n',
  });
  expect(said(another)).toMatch(/^pg1 +slave +paused/m);

  const failing = await runPgCluster(project, ['up', '--attach'], {
    env,
    input: "sql('TABLE nowhere')\nthrow 1\nsql('TABLE kept')\n",
  });
  failing.expectExit(1);
  expect(failing.stdout).toMatch(/"nowhere" does not exist[\s\S]*Uncaught 1\n\[\]\n/);
  expect(failing.stderr).toContain('pg-cluster up: 2 commands have failed\n');
  const leaving = await runPgCluster(project, ['up', '--attach'], {
    env,
    input: "process.on('exit', () => {})\nprocess.exit(3)\nsql('DROP TABLE kept')\n",
  });
  leaving.expectExit(3);
  expect((await client.query('TABLE kept')).rows).toEqual([]);

  const wrong = await runPgCluster(project, ['down', 'nobody'], { env });
  wrong.expectExit(1);
  expect(wrong.stderr).toContain(
    `no cluster "nobody" is held here:\n  ${variables.PG_CLUSTER_ID}  pg-cluster up, since`,
  );
  const down = await runPgCluster(project, ['down'], { env });
  down.expectExit(0);
  expect(down.stdout).toBe(`removed ${variables.PG_CLUSTER_ID}, pg-cluster up\n`);
  await until('its client to be sent away', () =>
    client.query('SELECT 1').then(
      () => false,
      () => true,
    ),
  );
  await client.end().catch(() => {});
});

test('down ends one in the foreground as well, which says so and does not wait for more input', async () => {
  const project = new Project('by-hand');
  const env = { TMPDIR: emptyFolder(project) };
  const run = await runPgCluster(project, ['up', ...local, '--slaves', '0'], {
    env,
    input: null,
    whileRunning: async (_pid, _stderr, { stdout }) => {
      await until('the table', () => stdout().includes('writer'), 60_000);
      (await runPgCluster(project, ['down'], { env })).expectExit(0);
    },
  });
  run.expectExit(1);
  expect(run.stderr).toContain('pg-cluster down has ended the cluster');
});

test('a background process that is killed leaves nothing, and is no longer told of', async () => {
  const project = new Project('by-hand');
  const env = { TMPDIR: emptyFolder(project) };
  const up = await runPgCluster(project, ['up', '--detach', ...local, '--slaves', '0'], { env });
  const [{ pid }] = doorsIn(join(project.folder, 'tmp')) as [{ pid: number }];
  process.kill(pid, 'SIGKILL');
  await until('it to be gone', async () => {
    const down = await runPgCluster(project, ['down'], { env });
    return down.stderr.includes('no cluster is held here') || down.stderr;
  });
  expect(up.exitCode).toBe(0);
  const all = await runPgCluster(project, ['down', '--all'], { env });
  all.expectExit(0);
  expect(all.stdout).toBe('no cluster is held here\n');
});

test('a failed start in the background is told where it was asked for', async () => {
  const project = new Project('by-hand');
  const flags = [...local, '--settings', '{"shared_buffers": "1000TB"}'];
  const up = await runPgCluster(project, ['up', '--detach', ...flags]);
  up.expectExit(1);
  expect(up.stderr).toMatch(/shared_buffers/);
  expect(up.stdout).toBe('');
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends it in order', async (signal) => {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
  const run = await runPgCluster(new Project('by-hand'), ['up', ...local, '--slaves', '1'], {
    input: null,
    whileRunning: async (pid, _, { stdout }) => {
      await until('the table', () => stdout().includes('writer'), 60_000);
      process.kill(pid, signal);
    },
  });
  run.expectExit(128 + numbers[signal]);
});

test('at a terminal: completion, lines that tell, Ctrl-C, a table that changes, history', async () => {
  const project = new Project('by-hand');
  const run = await runPgCluster(project, ['up', ...local, '--slaves', '1'], {
    via: inTerminal,
    input: null,
    whileRunning: async (_pid, _stderr, io) => {
      const person = new Person(io);
      await person.sees(/pg-cluster> /);
      person.type('pgCluster.unp\t');
      await person.sees(/pgCluster\.unpause/);
      person.type('\x15pg1.pauseReplay()\r');
      await person.sees(/· pg1: pause replay/);
      person.type("sql('CREATE TABLE t AS SELECT 1')\r");
      await person.sees(/\[\]\r\n[\s\S]*pg-cluster> /);
      person.type('pgCluster.waitForCatchup({ timeoutMs: 50_000 })\r');
      await person.sees(/50_000 \}\)/);
      person.type('\x03');
      await person.sees(/interrupted/);
      person.type('status\r');
      await person.sees(/replay paused[\s\S]*Enter ends this\)[\s\S]*replay paused/);
      person.type('\r');
      await person.sees(/pg-cluster> /);
      person.type('pg1.kill()\r');
      // Whoever looks while it is done sees what becomes of the node first.
      await person.sees(/^(?=[\s\S]*· pg1: kill)[\s\S]*· pg1 is stopped now/);
      person.type('\x04');
    },
  });
  run.expectExit(0);
  expect(readFileSync(join(project.folder, 'state', 'history'), 'utf8')).toContain('pg1.kill()');
});

function emptyFolder(project: Project): string {
  const folder = join(project.folder, 'tmp');
  if (!existsSync(folder)) mkdirSync(folder);
  return folder;
}

/** The notes of clusters that are held, by whose temporary folder this is. */
function doorsIn(folder: string): unknown[] {
  const paths = globSync('*/for-clients-*/door.json', { cwd: folder, absolute: true });
  return paths.map((path) => JSON.parse(readFileSync(path, 'utf8')));
}
