import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

interface OwnCluster {
  readonly ports: readonly number[];
  readonly password: string;
  readonly tables: readonly string[];
}

describe.each(['docker', 'local'])('lifetime: worker, on engine %s', (ENGINE) => {
  const env = { ENGINE, LIFETIME: 'worker' };

  test('the nodes stay for all files of a worker; each file finds them as new', async () => {
    const project = new Project('workers');
    const run = await runJest(project, ['--maxWorkers=2'], { env });
    run.expectExit(0);
    const told = project.told<OwnCluster>();
    expect(told.map(({ tables }) => tables)).toEqual([
      ['of_file_a'],
      ['of_file_b'],
      ['of_file_c'],
      ['of_file_d'],
    ]);
    expect(new Set(told.map(({ password }) => password)).size).toBe(4);
    expect(new Set(told.map(({ ports }) => ports.join())).size).toBe(2);
    expect(run.workersForced()).toBe(0);
    await expectNothingLeft(run);
  });
});

test('lifetime: worker, in band, Jest ends by itself, and nothing is left', async () => {
  const project = new Project('workers');
  const run = await runJest(project, ['--runInBand'], {
    env: { ENGINE: 'local', LIFETIME: 'worker' },
  });
  run.expectExit(0);
  expect(new Set(project.told<OwnCluster>().map(({ ports }) => ports.join())).size).toBe(1);
  expect(run.stderr).not.toContain('did not exit');
  await expectNothingLeft(run);
});
