import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JestRun, runJest } from './harness/jest';
import { Project } from './harness/project';

const inBand = ['--runInBand'];
// With a limit of memory, Jest uses workers however fast the files were the last time.
const inWorkers = ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'];
const ways: [engine: string, lifetime: string, tls: string, args: string[]][] = [
  ['docker', 'file', '0', inBand],
  ['local', 'worker', '0', inWorkers],
  ['local', 'file', '1', inBand],
];

describe.each(ways)('on engine %s, lifetime %s, tls %s, %j', (ENGINE, LIFETIME, TLS, args) => {
  const env = { ENGINE, LIFETIME, TLS };
  let project: Project;
  let run: JestRun;
  beforeAll(async () => {
    project = new Project('open-pool');
    // What is told of another environment is asked for below.
    run = await runJest(project, [...args, '--testPathIgnorePatterns=foreign'], { env });
  });

  /** What Jest tells of a failed test. */
  const failureOf = (name: string) =>
    run.stderr
      .split('● ')
      .filter((section) => section.startsWith(`${name}\n`))
      .join();

  test('none keeps Jest from ending or ends a process, and only tests that break something fail', () => {
    run.expectExit(1);
    expect(project.statuses()).toEqual({
      'asks with a listener': 'passed',
      'asks without one': 'passed',
      'kills the server of an open pool': 'failed',
      'goes on': 'passed',
      'kills the server of a client that is checked out': 'failed',
      'leaves one checked out, and another at work': 'passed',
    });
    // Of a file whose worker has died Jest makes another attempt.
    expect(readFileSync(join(project.folder, 'runs'), 'utf8')).toHaveLength(4);
    expect(run.stderr).not.toContain('did not exit');
    expect(run.workersForced()).toBe(0);
  });

  test('of a pool without a listener it is told when the cluster goes', () => {
    expect(run.stderr).toMatch(
      /after .*without-listener\.test\.js: a connection that the file had left open was lost.*pool\.on\('error'/,
    );
    expect(run.stderr).not.toMatch(/after .*with-listener\.test\.js/);
  });

  test('without a listener, a test that kills its server fails once, and names the act', () => {
    expect(failureOf('kills the server of an open pool')).toMatch(
      /A connection to the cluster was lost [\d.]+ m?s after "kill" of pg0 began\. Nobody listened .*pool\.on\('error'/,
    );
  });

  test('so does a test with a checked-out client, and learns which listener it lacks', () => {
    const advice = String.raw`Nobody listened .*pool\.on\('connect', \(client\) => client\.on\('error'`;
    expect(failureOf('kills the server of a client that is checked out')).toMatch(
      new RegExp(`was lost [\\d.]+ m?s after "kill" of pg0 .*${advice}`),
    );
    expect(run.stderr).toMatch(new RegExp(`after .*checked-out\\.test\\.js: .*${advice}`));
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
