import { type JestRun, runJest } from './harness/jest';
import { Project } from './harness/project';

/** Where the options come from does not depend on the engine, and Docker would build images for some. */
const env = { DOCKER_HOST: 'unix:///nonexistent.sock', DEBUG: 'pg-cluster' };
const clustersOf = ({ stderr }: JestRun) => stderr.match(/ starting pg0 took /g)?.length;

describe('the environment comes from', () => {
  test('the preset: globals, process.env, clients, and the recipe in three acts', async () => {
    const project = new Project('preset');
    const run = await runJest(project);
    run.expectExit(0);
    expect(project.statuses()).toEqual({
      'the globals are there in setupFilesAfterEnv': 'passed',
      'process.env has the URLs and what libpq reads': 'passed',
      'our options are no globals': 'passed',
      'with clients a bare client reaches the master, and what it writes reaches both slaves':
        'passed',
      'with clients a slave refuses to write': 'passed',
      'all servers are up': 'passed',
      'the master hangs: writes fail, reads go on': 'passed',
      'the master is back': 'passed',
    });
    // Three nodes for each of two files.
    expect(await run.containersMade()).toBe(6);
  });

  test('the shorthand name, and a docblock overrides single options of the config', async () => {
    const project = new Project('shorthand');
    const run = await runJest(project, [], { env });
    run.expectExit(0);
    expect(project.statuses()).toEqual({
      'the options of the config hold': 'passed',
      'a docblock overrides one of them, the others stay': 'passed',
    });
    expect(clustersOf(run)).toBe(2);
  });

  test('a docblock, for that file alone', async () => {
    const project = new Project('docblock');
    const run = await runJest(project, [], { env });
    run.expectExit(0);
    expect(project.statuses()).toEqual({
      'this file has a cluster': 'passed',
      'this file has none': 'passed',
    });
    expect(clustersOf(run)).toBe(1);
  });
});
