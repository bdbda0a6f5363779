import { Client } from 'pg';
import { until } from '../support/until';
import { runJest } from './harness/jest';
import { runPgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';
import { inTerminal, Person } from './harness/terminal';
import { runVitest } from './harness/vitest';

const keeping = { PG_CLUSTER_KEEP: 'on-failure', CI: '' };
const isKept = /“a write comes back” failed; its cluster is left as it is/;
const keepTest = ['--testPathPatterns=keep.test'];

/** What stderr says of how to go in. */
function wayIn(stderr: string): { url: string; id: string } {
  const [, url = ''] = /psql '(.*)'/.exec(stderr) ?? [];
  const [, id = ''] = /up --attach (\w+)/.exec(stderr) ?? [];
  return { url, id };
}

test('the cluster of a failed test is left as it is, until pg-cluster down', async () => {
  const project = new Project('by-hand');
  const run = await runJest(project, keepTest, {
    env: keeping,
    whileRunning: async (_, stderr) => {
      await until('it to be kept', () => isKept.test(stderr()), 60_000);
      const { url, id } = wayIn(stderr());
      const client = new Client(url);
      await client.connect();
      expect((await client.query('TABLE seen')).rows).toEqual([{ a: 1 }]);
      await client.end();
      const prompt = await runPgCluster(project, ['up', '--attach', id], { input: 'status' });
      expect(prompt.stdout).toMatch(/^pg1 +slave +paused/m);
      const down = await runPgCluster(project, ['down', id]);
      expect(down.stdout).toBe(`removed ${id}, “a write comes back”\n`);
    },
  });
  run.expectExit(1);
  expect(run.stderr).toMatch(/^ {2}pg1 +slave +paused/m);
  expect(project.statuses()).toEqual({
    'a write comes back': 'failed',
    'the next test has a whole cluster': 'passed',
  });
});

test('Enter ends it, in a worker as well', async () => {
  const project = new Project('by-hand');
  const run = await runJest(project, [...keepTest, '--workers=2'], {
    env: keeping,
    via: inTerminal,
    input: null,
    whileRunning: async (_pid, _stderr, io) => {
      const person = new Person(io);
      await person.sees(isKept);
      person.type('\r');
      await person.sees(/2 total/);
    },
  });
  expect(run.exitCode).toBe(1);
});

test('the next run in this folder ends it', async () => {
  const project = new Project('by-hand');
  const first = await runJest(project, keepTest, {
    env: keeping,
    whileRunning: async (_, stderr) => {
      await until('it to be kept', () => isKept.test(stderr()), 60_000);
      const next = await runJest(project, ['--testPathPatterns=keep.test', '-t=whole cluster']);
      next.expectExit(0);
    },
  });
  first.expectExit(1);
});

test('on CI nothing waits for a person, unless that is forced', async () => {
  const project = new Project('by-hand');
  const env = { ...keeping, CI: 'true' };
  const run = await runJest(project, keepTest, { env });
  run.expectExit(1);
  expect(run.stderr).not.toMatch(isKept);
  expect(run.stderr.match(/PG_CLUSTER_KEEP=on-failure has no effect on CI/g)).toHaveLength(1);
  await runJest(project, keepTest, {
    env: { ...env, PG_CLUSTER_KEEP: 'force' },
    whileRunning: async (_, stderr) => {
      await until('it to be kept', () => isKept.test(stderr()), 60_000);
      await runPgCluster(project, ['down', wayIn(stderr()).id]);
    },
  });
});

test('Vitest waits for a person, too', async () => {
  const project = new Project('vitest');
  const run = await runVitest(project, ['fails/fails', '-t', 'fails after a failover'], {
    env: keeping,
    options: { engine: 'local', slaves: 1 },
    whileRunning: async (_, stderr) => {
      await until('it to be kept', () => /its cluster is left as it is/.test(stderr()), 60_000);
      const { id } = wayIn(stderr());
      const prompt = await runPgCluster(project, ['up', '--attach', id], { input: 'status' });
      expect(prompt.stdout).toMatch(/^pg0 +slave +stopped[\s\S]*^pg1 +master +running/m);
      await runPgCluster(project, ['down', id]);
    },
  });
  run.expectExit(1);
});

test('a killed run keeps nothing', async () => {
  const run = await runJest(new Project('by-hand'), keepTest, {
    env: keeping,
    whileRunning: async (jest, stderr) => {
      await until('it to be kept', () => isKept.test(stderr()), 60_000);
      process.kill(-jest, 'SIGKILL');
    },
  });
  expect(run.signal).toBe('SIGKILL');
});

test('a wrong word starts nothing', async () => {
  const project = new Project('by-hand');
  const run = await runJest(project, keepTest, { env: { PG_CLUSTER_KEEP: 'always' } });
  run.expectExit(1);
  expect(run.stderr).toContain('PG_CLUSTER_KEEP must be on-failure, or force on CI, not "always"');
});
