import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figure } from '../engine/figures';
import { until } from '../support/until';
import { tarball, versionOf } from './harness/installation';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';
import type { Run } from './harness/run';
import { installTools } from './harness/tools';
import { typeCheck } from './harness/type-check';
import { runVitest, type VitestConfig } from './harness/vitest';

/** Names of tests that did not pass. */
function notPassed(project: Project): string[] {
  const statuses = Object.entries(project.statuses());
  expect(statuses.length).toBeGreaterThan(0);
  return statuses.filter(([, status]) => status !== 'passed').map(([name]) => name);
}

async function expectGreen(files: readonly string[], config: VitestConfig = {}): Promise<Run> {
  const project = new Project('vitest');
  const run = await runVitest(project, files, config);
  run.expectExit(0);
  expect(notPassed(project)).toEqual([]);
  await expectNothingLeft(run);
  return run;
}

const inBothPools = ['recipe', 'globals', 'one-slave-less', 'without', 'isolation', 'stale-reads'];

test.each(['forks', 'threads'])(
  'in %s: the three acts, globals, matchers, options of a file, isolation, stale reads, and files without a cluster',
  async (pool) => {
    const run = await expectGreen(inBothPools, { settings: { pool } });
    expect(run.stderr).toContain(
      'pg-cluster: “the master hangs: writes fail, reads go on” left a fault: pg0 was paused',
    );
    expect(run.stderr).not.toContain('MISSING DEPENDENCY');
  },
);

test('the three acts in Docker', async () => {
  const run = await expectGreen(['recipe'], { options: { engine: 'docker' } });
  expect(await run.containersMade()).toBeGreaterThanOrEqual(2);
});

test('faults are healed after tests and blocks, whatever hooks do, and before a test is retried', async () => {
  const project = new Project('vitest');
  const run = await runVitest(project, ['healing']);
  run.expectExit(1);
  expect(notPassed(project)).toEqual(['a block whose hooks fail in afterEach fails']);
  expect(Object.keys(project.statuses())).toHaveLength(12);
  const healed = [...run.stderr.matchAll(/“(.*)” left a fault: (.*) \(healed/g)];
  expect(healed.map(([, whose, what]) => `${whose}: ${what}`)).toEqual([
    'a test leaves a fault: pg0 was paused',
    'a block › has the fault of its beforeAll: pg0 was paused',
    'a block › an inner block: pg0 was read-only',
    'a block: pg1 was paused',
    'a block whose hooks fail › in afterEach › fails: pg0 was killed',
    'a block whose hooks fail › is followed by a whole cluster: pg1 was paused',
    expect.stringMatching(/^at the same time › .*: pg1 was paused$/),
    'a test that is retried finds a whole cluster: pg0 was killed',
    'a test that is retried finds a whole cluster: pg0 was killed',
  ]);
  expect(run.stderr).toContain('afterEach fails');
  expect(run.stderr).toContain('afterAll fails');
});

/** It needs a newer Node than this package does; npm has one for tests. */
const newest = { vitest: '5.1.2', node: '24.22.3' };

test('all this is so with the newest Vitest, which is a major version ahead', async () => {
  const project = new Project('vitest');
  const node = `node-${process.platform}-${process.arch}`;
  const versions = {
    'jest-environment-pg-cluster': `file:${tarball()}`,
    vitest: newest.vitest,
    [node]: newest.node,
    pg: versionOf('pg'),
  };
  await installTools(project, versions, 'newest-vitest');
  const run = await runVitest(
    project,
    ['recipe', 'globals', 'healing', 'isolation', 'stale-reads', 'one-slave-less', 'without'],
    {
      installedIn: project.folder,
      node: join(project.folder, 'node_modules', node, 'bin', 'node'),
    },
  );
  run.expectExit(1);
  expect(run.stdout).toContain(`v${newest.vitest}`);
  expect(notPassed(project)).toEqual(['a block whose hooks fail in afterEach fails']);
  expect(Object.keys(project.statuses()).length).toBeGreaterThan(20);
  await expectNothingLeft(run);
});

test('projects of one config have one cluster for each file, and connections left open are told', async () => {
  const project = new Project('vitest');
  const run = await runVitest(project, ['--config', 'projects.config.mjs'], {
    env: { DEBUG: 'pg-cluster' },
  });
  run.expectExit(0);
  expect(notPassed(project)).toEqual([]);
  expect(Object.keys(project.statuses())).toHaveLength(3);
  expect(run.stderr.match(/ starting pg0 took /g)).toHaveLength(2);
  expect(run.stderr).toMatch(
    /after .*left-open\.test\.mjs: a connection that the file had left open was lost/,
  );
});

test('heal: false leaves faults as they are', async () => {
  const project = new Project('vitest');
  // What comes after these two would meet servers that hang.
  const two = ['--testNamePattern', '^(a test leaves a fault|and the next finds none)$'];
  await runVitest(project, ['healing', ...two], { options: { heal: false } });
  expect(project.statuses()).toMatchObject({
    'a test leaves a fault': 'passed',
    'and the next finds none': 'failed',
  });
});

test('stale reads when hooks run in the order in which they are written', () =>
  expectGreen(['stale-reads'], { settings: { sequence: { hooks: 'list' } } }));

test('with lifetime the nodes stay for all files of a worker, each as new and with its password', async () => {
  const project = new Project('vitest');
  const run = await runVitest(project, ['worker'], {
    options: { lifetime: 'worker' },
    settings: { isolate: false, maxWorkers: 1 },
  });
  run.expectExit(0);
  const lines = readFileSync(join(project.folder, 'lines'), 'utf8').trim().split('\n');
  const told: { port: number; password: string }[] = lines.map((line) => JSON.parse(line));
  expect(told).toHaveLength(3);
  expect(new Set(told.map(({ port }) => port)).size).toBe(1);
  expect(new Set(told.map(({ password }) => password)).size).toBe(3);
  await expectNothingLeft(run);
});

test('prepare runs once, in the root, and does not see that tests run', async () => {
  const prepare = { command: 'node migrate.cjs', inputs: ['migrate.cjs'] };
  const project = new Project('vitest');
  // Nobody has prepared for this text before.
  project.write('stamp.txt', randomUUID());
  prepare.inputs.push('stamp.txt');
  const run = await runVitest(project, ['prepared'], { options: { prepare } });
  run.expectExit(0);
  expect(run.stderr.match(/^pg-cluster: preparing data: .*migrate\.cjs/gm)).toHaveLength(1);
});

test('what happened in a failed test is shown, and what would help', async () => {
  const project = new Project('vitest');
  const run = await runVitest(project, ['fails/fails']);
  run.expectExit(1);
  expect(notPassed(project)).toEqual(['fails after a failover', 'forgets an await']);
  const [, shown = ''] = run.stderr.split('“fails after a failover” failed; the cluster from');
  expect(shown).toMatch(/^ {2}picture:\n.*\n.*▸fails after a failover/m);
  expect(shown).toMatch(/timeline:\n.* pg0 +kill .*\n.* cluster +failover .*: pg0 → pg1$/m);
  expect(shown).toMatch(/log of pg1 \(master\):\n(.*\n)*.*received promote request/);
  expect(run.stderr).not.toContain('“is meant to fail” failed');
  // The line of the test is shown.
  expect(run.stderr).toContain('"restart fast" of pg1 was still under way when the test ended');
  expect(run.stderr).toMatch(/^ +11\| {3}pgCluster\.master\.restart\(\);\n +\| +\^$/m);
  expect(run.stderr).toMatch(
    /A connection to the cluster was lost \d+ ms after "kill" of pg1 began\. Nobody listened/,
  );
});

test('logs: never prints nothing of it', async () => {
  const run = await runVitest(new Project('vitest'), ['fails/fails'], {
    options: { logs: 'never' },
  });
  run.expectExit(1);
  expect(run.stderr).not.toContain('picture:');
});

test.each([
  [{ slavs: 1 }, {}, /options of jest-environment-pg-cluster: a problem, nothing was started/],
  [{ binDir: '/nowhere' }, {}, /found no PostgreSQL .*\n.*\/nowhere/],
  [{}, { pool: 'vmForks' }, /works in Vitest's pools 'forks' and 'threads', not in 'vmForks'/],
])('a setup that fails with %j and %j says why', async (options, settings, why) => {
  const run = await runVitest(new Project('vitest'), ['recipe'], { options, settings });
  run.expectExit(1);
  expect(`${run.stdout}${run.stderr}`).toMatch(why);
  await expectNothingLeft(run);
});

test.each([true, false])(
  'with isolate: %p, a file that cannot be loaded leaves nothing to the next',
  async (isolate) => {
    const project = new Project('vitest');
    const files = ['fails/cannot-be-loaded', 'globals', 'without'];
    const run = await runVitest(project, files, { settings: { isolate, maxWorkers: 1 } });
    run.expectExit(1);
    expect(notPassed(project)).toEqual([]);
    await expectNothingLeft(run);
  },
);

test.each([
  ['Ctrl-C in the terminal', 'forks', (vitest: number) => process.kill(-vitest, 'SIGINT')],
  ['SIGKILL of the parent', 'forks', (vitest: number) => process.kill(vitest, 'SIGKILL')],
  ['SIGKILL of all', 'threads', (vitest: number) => process.kill(-vitest, 'SIGKILL')],
])('%s leaves nothing of a run in %s', async (_, pool, end) => {
  const project = new Project('vitest');
  const run = await runVitest(project, ['waits'], {
    env: { WAIT: '1' },
    settings: { pool },
    whileRunning: async (vitest) => {
      await until('the test to be in the middle', () => project.told().length === 1, 60_000);
      end(vitest);
    },
  });
  expect(run.exitCode).not.toBe(0);
  await expectNothingLeft(run);
  figure('kills survived');
});

test('strict TypeScript knows globals, matchers and the plugin, and rejects wrong lines', async () => {
  const project = new Project('vitest');
  (await typeCheck(project)).expectExit(0);
  const wrong = [
    'pgCluster.pauseMastr();',
    'expect(1).toBeStreamng();',
    'pgCluster_({ slavs: 1 });',
  ];
  const imports =
    "import { pgCluster as pgCluster_ } from 'jest-environment-pg-cluster/vitest'; import { expect } from 'vitest';";
  project.write('typed.mts', `${[imports, ...wrong].join('\n')}\n`);
  const checked = await typeCheck(project);
  const refused = checked.stdout.match(/^typed\S+\(\d+/gm);
  expect(refused).toEqual(wrong.map((_, index) => `typed.mts(${index + 2}`));
});
