import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

interface OwnCluster {
  readonly worker: string;
  readonly ports: readonly number[];
  readonly password: string;
  readonly tables: readonly string[];
}

test('each file of two workers has a cluster of its own', async () => {
  const project = new Project('workers');
  const run = await runJest(project, ['--maxWorkers=2']);
  run.expectExit(0);

  const told = project.told<OwnCluster>();
  expect(told.map(({ tables }) => tables)).toEqual([
    ['of_file_a'],
    ['of_file_b'],
    ['of_file_c'],
    ['of_file_d'],
  ]);
  expect(new Set(told.map(({ password }) => password)).size).toBe(4);
  expect(new Set(told.map(({ worker }) => worker))).toEqual(new Set(['1', '2']));
  // A port may be given again once its cluster is gone, but never twice in one cluster.
  for (const { ports } of told) expect(new Set(ports).size).toBe(2);
  expect(await run.containersMade()).toBe(8);
  expect(run.workersForced()).toBe(0);
});

test('in band, Jest ends by itself', async () => {
  const project = new Project('single');
  const run = await runJest(project, ['--runInBand']);
  run.expectExit(0);
  expect(project.statuses()).toEqual({ 'writes and reads': 'passed' });
  expect(run.stderr).not.toContain('did not exit');
  await expectNothingLeft(run);
});

test.each([
  ['docker', 2],
  ['local', 4],
])(
  'runs of two workers at the same time on engine %s do not meet: %i of them',
  async (engine, length) => {
    const projects = Array.from({ length }, () => new Project('workers'));
    const runs = await Promise.all(
      projects.map((project) =>
        runJest(project, ['--maxWorkers=2'], { env: { ENGINE: engine }, deadlineMs: 240_000 }),
      ),
    );
    for (const run of runs) run.expectExit(0);
    const told = projects.flatMap((project) => project.told<OwnCluster>());
    // Each file has found its own table, and no other.
    expect(told.map(({ tables }) => tables.length)).toEqual(Array(4 * length).fill(1));
    expect(new Set(told.map(({ password }) => password)).size).toBe(4 * length);
    for (const run of runs) await expectNothingLeft(run);
  },
);
