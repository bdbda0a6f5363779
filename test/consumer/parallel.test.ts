import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

interface OwnCluster {
  readonly worker: string;
  readonly ports: readonly number[];
  readonly password: string;
  readonly tables: readonly string[];
}

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
    for (const run of runs) {
      run.expectExit(0);
      expect(run.workersForced()).toBe(0);
      expect(await run.containersMade()).toBe(engine === 'docker' ? 8 : 0);
    }
    for (const project of projects) {
      const told = project.told<OwnCluster>();
      // Each file has found its own table, and no other.
      expect(told.map(({ tables }) => tables)).toEqual([
        ['of_file_a'],
        ['of_file_b'],
        ['of_file_c'],
        ['of_file_d'],
      ]);
      expect(new Set(told.map(({ worker }) => worker))).toEqual(new Set(['1', '2']));
      // A port may be given again once its cluster is gone, but never twice in one cluster.
      for (const { ports } of told) expect(new Set(ports).size).toBe(2);
    }
    const passwords = projects.flatMap((project) =>
      project.told<OwnCluster>().map(({ password }) => password),
    );
    expect(new Set(passwords).size).toBe(4 * length);
    for (const run of runs) await expectNothingLeft(run);
  },
);
