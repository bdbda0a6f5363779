import { runJest } from './harness/jest';
import { Project } from './harness/project';

function linesAbout(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .filter((line) => line.startsWith('pg-cluster: ') && !line.includes('nodes run in Docker'));
  return lines.map((line) => line.replace(/\d+(\.\d+)? m?s/, '… ms'));
}

test('what a test leaves is healed before the next one, and reported', async () => {
  const project = new Project('healing');
  const run = await runJest(project, ['after-test']);
  run.expectExit(0);
  expect(linesAbout(run.stderr)).toEqual([
    'pg-cluster: “leaves the master paused” left a fault: pg0 was paused (healed in … ms)',
  ]);
});

test('a fault of beforeAll holds for the whole block, and is healed after it', async () => {
  const project = new Project('healing');
  const run = await runJest(project, ['after-block']);
  run.expectExit(0);
  expect(linesAbout(run.stderr)).toEqual([
    'pg-cluster: “while the master hangs › what a test itself breaks is mended after it” left a fault: pg1 was paused (healed in … ms)',
    'pg-cluster: “while the master hangs” left a fault: pg0 was paused (healed in … ms)',
  ]);
});

test('a trap that never sprang is told at the end of its test', async () => {
  const project = new Project('healing');
  const run = await runJest(project, ['missed-trap']);
  run.expectExit(0);
  expect(linesAbout(run.stderr)).toEqual([
    'pg-cluster: “sets a trap that nothing springs” left a fault: the trap of pg0 at /no such statement/ never sprang (healed in … ms)',
  ]);
});

test('with heal: false a fault stays', async () => {
  const project = new Project('healing');
  const run = await runJest(project, ['switched-off']);
  run.expectExit(0);
  expect(linesAbout(run.stderr)).toEqual([]);
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

test('an act that nobody awaited fails its test, and the report shows the line', async () => {
  const project = new Project('healing');
  const run = await runJest(project, ['not-awaited']);
  run.expectExit(1);
  expect(project.statuses()).toEqual({
    'forgets to await': 'failed',
    'the next one meets a whole cluster': 'passed',
    'in a hook it is done before the first test': 'passed',
    'in a hook and holds for the block': 'passed',
  });
  expect(run.stderr).toMatch(
    /"pause" of pg0 was still under way when the test ended: nobody awaited/,
  );
  expect(run.stderr).toMatch(/> 2 \|.*pgCluster\.pauseMaster\(\)/);
  expect(run.stderr).not.toContain('from outside');
  expect(linesAbout(run.stderr).filter((line) => line.includes('left a fault'))).toEqual([
    'pg-cluster: “forgets to await” left a fault: pg0 was paused (healed in … ms)',
    'pg-cluster: “in a hook” left a fault: pg1 was paused (healed in … ms)',
  ]);
});
