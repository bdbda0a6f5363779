import { type JestRun, runJest } from './harness/jest';
import { Project } from './harness/project';

function linesAbout(stderr: string): string[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('pg-cluster: '));
  return lines.map((line) => line.replace(/\d+(\.\d+)? m?s/, '… ms'));
}

describe('in one run of several files', () => {
  let project: Project;
  let run: JestRun;
  beforeAll(async () => {
    project = new Project('healing');
    run = await runJest(project, ['--runInBand']);
  });

  /** What is told of faults that tests or blocks have left whose names begin so. */
  const leftBy = (name: string) =>
    linesAbout(run.stderr).filter(
      (line) => line.includes('left a fault') && line.startsWith(`pg-cluster: “${name}`),
    );

  test('what a test leaves is healed before the next one, and reported', () => {
    expect(leftBy('leaves the master paused')).toEqual([
      'pg-cluster: “leaves the master paused” left a fault: pg0 was paused (healed in … ms)',
    ]);
  });

  test('a fault of beforeAll holds for the whole block, and is healed after it', () => {
    expect(leftBy('while the master hangs')).toEqual([
      'pg-cluster: “while the master hangs › what a test itself breaks is mended after it” left a fault: pg1 was paused (healed in … ms)',
      'pg-cluster: “while the master hangs” left a fault: pg0 was paused (healed in … ms)',
    ]);
  });

  test('a trap that never sprang is told at the end of its test', () => {
    expect(leftBy('sets a trap')).toEqual([
      'pg-cluster: “sets a trap that nothing springs” left a fault: the trap of pg0 at /no such statement/ never sprang (healed in … ms)',
    ]);
  });

  test('with heal: false a fault stays', () => {
    expect(project.statuses()).toMatchObject({
      'leaves it paused for good': 'passed',
      'finds it paused': 'passed',
    });
    expect(run.stderr).not.toContain('“leaves it paused for good”');
  });

  test('an act that nobody awaited fails its test, and the report shows the line', () => {
    expect(run.stderr).toMatch(
      /"pause" of pg0 was still under way when the test ended: nobody awaited/,
    );
    expect(run.stderr).toMatch(/> 2 \|.*pgCluster\.pauseMaster\(\)/);
    expect(run.stderr).not.toContain('from outside');
    expect([...leftBy('forgets to await'), ...leftBy('in a hook')]).toEqual([
      'pg-cluster: “forgets to await” left a fault: pg0 was paused (healed in … ms)',
      'pg-cluster: “in a hook” left a fault: pg1 was paused (healed in … ms)',
    ]);
  });

  test('no other test fails, and of no other a fault is told', () => {
    run.expectExit(1);
    const failed = Object.entries(project.statuses()).filter(([, status]) => status !== 'passed');
    expect(failed).toEqual([['forgets to await', 'failed']]);
    expect(Object.keys(project.statuses())).toHaveLength(14);
    expect(linesAbout(run.stderr).filter((line) => line.includes('left a fault'))).toHaveLength(6);
  });
});

test('a test that hangs until its timeout does not spoil the next one', async () => {
  const project = new Project('hanging');
  const run = await runJest(project);
  run.expectExit(1);
  expect(run.stderr).toContain('Exceeded timeout of 1000 ms');
  expect(run.stderr).toContain('left a fault: pg0 was paused');
  expect(project.statuses()).toEqual({
    'waits for a paused master until its time is up': 'failed',
    'the next one is fine': 'passed',
  });
});
