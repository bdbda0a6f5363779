import { join } from 'node:path';
import { figure } from '../engine/figures';
import { until } from '../support/until';
import { installation } from './harness/installation';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';
import { type RunOptions, runNode } from './harness/run';
import { typeCheck } from './harness/type-check';

test.each(['docker', 'local'])('a script plays the three acts on engine %s', async (ENGINE) => {
  const run = await runNode(new Project('alone'), ['recipe.mjs'], { env: { ENGINE } });
  run.expectExit(0);
  expect(run.stdout).toBe('done\n');
  await expectNothingLeft(run);
});

test('a CommonJS script has two clusters at once, which end apart', async () => {
  const run = await runNode(new Project('alone'), ['recipe.cjs']);
  run.expectExit(0);
  expect(run.stdout).toBe('pg1 true ERR_PG_CLUSTER_CLOSED\n');
});

test('node:test has a cluster for a block, and one for each of several tests at once', async () => {
  const args = ['--test', '--test-reporter=tap', 'node.test.mjs', 'other.test.mjs'];
  const run = await runNode(new Project('alone'), args);
  run.expectExit(0);
  expect(run.stdout).toMatch(/^# pass 8$/m);
  expect(run.stdout).toMatch(/^# fail 0$/m);
});

test('Mocha has a cluster for a file', async () => {
  const mocha = join(installation(), 'node_modules', 'mocha', 'bin', 'mocha.js');
  const run = await runNode(new Project('alone'), [mocha, 'mocha.spec.js']);
  run.expectExit(0);
  expect(run.stdout).toMatch(/^\s+2 passing/m);
});

test('strict TypeScript knows it, and `await using` removes it', async () => {
  const project = new Project('alone');
  (await typeCheck(project)).expectExit(0);
  const run = await runNode(project, ['built/typed.js']);
  run.expectExit(0);
  expect(run.stdout).toBe('pg1\nERR_PG_CLUSTER_CLOSED\n');
});

describe('a cluster that nobody stops', () => {
  const start = (how: string, o: RunOptions = {}, project = new Project('alone')) =>
    runNode(project, ['ends.mjs', how], o);

  test.each([
    ['does not keep the process alive', 'forgets', 0, /^$/],
    ['does so while something is done to it', 'failsOver', 0, /^$/],
    ['goes with process.exit()', 'exits', 3, /^$/],
    ['goes with an uncaught exception', 'throws', 1, /nobody catches this/],
  ])('%s', async (_, how, exitCode, stderr) => {
    const run = await start(how);
    run.expectExit(exitCode);
    expect(run.stderr).toMatch(stderr);
    if (how === 'failsOver') expect(run.stdout).toMatch(/^pg[12]\n$/);
    await expectNothingLeft(run);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('goes with %s', async (signal) => {
    const project = new Project('alone');
    const whileRunning = async (pid: number) => {
      await until('the cluster', () => project.told().length === 1, 60_000);
      // To all, as Ctrl-C does.
      process.kill(-pid, signal);
    };
    const run = await start('waits', { whileRunning }, project);
    expect(run.signal).toBe(signal);
    await expectNothingLeft(run);
    figure('kills survived');
  });

  test('goes when the process ends in the middle of its start', async () => {
    const run = await start('waits', {
      whileRunning: async (pid, stderr) => {
        await until('the servers', () => stderr().includes('creating the nodes took'), 60_000);
        process.kill(pid, 'SIGINT');
      },
      env: { DEBUG: 'pg-cluster' },
    });
    expect(run.signal).toBe('SIGINT');
    await expectNothingLeft(run);
  });
});

test('what needs a test runner, and what nobody knows, is refused by name and starts nothing', async () => {
  const run = await runNode(new Project('alone'), ['refused.mjs']);
  run.expectExit(0);
  expect(run.stdout).not.toMatch(/^started$/m);
  expect(run.stdout.match(/^ERR_PG_CLUSTER_OPTIONS$/gm)).toHaveLength(4);
  for (const name of ['heal', 'isolation', 'lifetime', 'logs', 'staleReads']) {
    expect(run.stdout).toContain(`  - ${name} is about the tests of a test runner`);
  }
  expect(run.stdout).toContain('  - networkFaults has no effect');
  expect(run.stdout).toContain('unknown option "slavs". Did you mean "slaves"?');
  expect(run.stdout).toMatch(
    /options of startCluster\(\): a problem, nothing was started\n {2}- rootDir must be/,
  );
  expect(run.stdout).toContain('  - must be an object, not 2');
});
