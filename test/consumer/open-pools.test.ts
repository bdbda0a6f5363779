import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

const inBand = ['--runInBand'];
// With a limit of memory, Jest uses a worker also for a single file.
const inWorkers = ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'];
const ways: [engine: string, lifetime: string, tls: string, args: string[]][] = [
  ['docker', 'file', '0', inBand],
  ['local', 'worker', '0', inWorkers],
  ['local', 'file', '1', inBand],
];

/** How often Jest ran the file. */
const runsOf = (project: Project) => readFileSync(join(project.folder, 'runs'), 'utf8').length;

describe.each(ways)('on engine %s, lifetime %s, tls %s, %j', (ENGINE, LIFETIME, TLS, args) => {
  const env = { ENGINE, LIFETIME, TLS };

  test('a pool that is never ended does not keep Jest from ending', async () => {
    const project = new Project('open-pool');
    const run = await runJest(project, [...args, 'with-listener'], { env });
    run.expectExit(0);
    expect(project.statuses()).toEqual({ asks: 'passed' });
    expect(run.stderr).not.toContain('did not exit');
    expect(run.workersForced()).toBe(0);
    await expectNothingLeft(run);
  });

  test('a pool without a listener does not end the process when the cluster goes; it is reported', async () => {
    const project = new Project('open-pool');
    const run = await runJest(project, [...args, 'without-listener'], { env });
    run.expectExit(0);
    expect(project.statuses()).toEqual({ asks: 'passed' });
    expect(run.stderr).toMatch(
      /after .*without-listener\.test\.js: a connection that the file had left open was lost.*pool\.on\('error'/,
    );
    expect(runsOf(project)).toBe(1);
    expect(run.stderr).not.toContain('did not exit');
    expect(run.workersForced()).toBe(0);
    await expectNothingLeft(run);
  });

  test('without a listener, a test that kills its server fails once, and names the act', async () => {
    const project = new Project('open-pool');
    const run = await runJest(project, [...args, 'killed'], { env });
    run.expectExit(1);
    expect(project.statuses()).toEqual({
      'kills the server of an open pool': 'failed',
      'goes on': 'passed',
    });
    expect(run.stderr).toMatch(
      /A connection to the cluster was lost [\d.]+ m?s after "kill" of pg0 began\. Nobody listened .*pool\.on\('error'/,
    );
    expect(runsOf(project)).toBe(1);
    await expectNothingLeft(run);
  });

  test('so does a test with a checked-out client, and learns which listener it lacks', async () => {
    const project = new Project('open-pool');
    const run = await runJest(project, [...args, 'checked-out'], { env });
    run.expectExit(1);
    expect(project.statuses()).toEqual({
      'kills the server of a client that is checked out': 'failed',
      'leaves one checked out, and another at work': 'passed',
    });
    const advice = String.raw`Nobody listened .*pool\.on\('connect', \(client\) => client\.on\('error'`;
    expect(run.stderr).toMatch(new RegExp(`was lost [\\d.]+ m?s after "kill" of pg0 .*${advice}`));
    expect(run.stderr).toMatch(new RegExp(`after .*checked-out\\.test\\.js: .*${advice}`));
    expect(runsOf(project)).toBe(1);
    await expectNothingLeft(run);
  });
});

test('a connection lost to another server meanwhile is still reported to its listeners', async () => {
  const project = new Project('open-pool');
  const run = await runJest(project, [...inBand, 'foreign'], { env: { ENGINE: 'local' } });
  run.expectExit(0);
  expect(run.stderr).toMatch(
    /after .*foreign\.test\.js: a connection that the file had left open was lost/,
  );
  expect(project.told()).toEqual([['ECONNRESET', 'once ECONNRESET', 'ECONNRESET']]);
});
