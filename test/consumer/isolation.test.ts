import { runJest } from './harness/jest';
import { Project } from './harness/project';

/** Of the files in which clusters are put back, which each engine does in its own way. */
const passedOnBoth = [
  'the first one begins with a new cluster',
  'so does the next one, whatever that one did',
  'with a snapshot its data are there, and what beforeEach adds',
  'with a snapshot they are what they were',
  'with a snapshot so is the cluster',
  'with a snapshot and one of a block which adds to that, but not to what tests did',
  'with a snapshot and one of a block as long as the block lasts',
  'with a snapshot but not longer',
  'after the block of a snapshot it is a new cluster again',
  'a test after which the roles are others',
  'is put back at once: nothing is healed or rebuilt before',
  'faults of beforeAll hold in the first test, which ends them',
  'faults of beforeAll and in a block within which may change them',
  'faults of beforeAll and in a block within for all of its tests',
  'faults of beforeAll hold in the last test too',
  'after the block there are none',
  'and no other',
];

/** Of the files about tests at the same time, and about the wire, which are the same on both. */
const passed = [
  ...passedOnBoth,
  'what stands before a group',
  ...[1, 2, 3, 4, 5, 6, 7].map((number) => `number ${number} of a group is not reset under`),
  'what comes after it starts anew',
  'what beforeAll does to the wire holds in test 1, and a trap springs again',
  'what beforeAll does to the wire holds in test 2, and a trap springs again',
  'a trap that never sprang is told',
  'does not outlast its block',
];
const missed =
  '“a trap that never sprang is told”: the trap of pg0 at /^no such statement/ never sprang';

test.each([
  {
    engine: 'docker',
    files: ['isolation.test', 'faults.test'],
    passed: passedOnBoth,
    missed: null,
  },
  { engine: 'local', files: [], passed, missed: [missed] },
])('each test starts with a new cluster, on engine $engine', async (expected) => {
  const project = new Project('isolation');
  const args = ['--maxWorkers=1', '--maxConcurrency=3', ...expected.files];
  const run = await runJest(project, args, { env: { ENGINE: expected.engine } });
  expect(project.statuses()).toEqual({
    ...Object.fromEntries(expected.passed.map((name) => [name, 'passed'])),
    'what cannot be made again fails each test': 'failed',
    'what cannot be made again of the block': 'failed',
  });
  expect(run.stderr).toMatch(/pg0 is killed\) cannot be made again .* snapshot\(\), and make/);
  expect(run.stderr.match(/“.*”: the trap of pg0 at .* never sprang/g)).toEqual(expected.missed);
  expect(run.stderr).not.toContain('left a fault');
});
