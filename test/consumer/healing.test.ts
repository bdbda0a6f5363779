import { runJest } from './harness/jest';
import { Project } from './harness/project';

function linesAbout(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .filter((line) => line.startsWith('pg-cluster: ') && !line.includes('nodes run in Docker'));
  return lines.map((line) => line.replace(/\d+(\.\d+)? m?s/, '… ms'));
}

test('what a test leaves is healed before the next one, and said', async () => {
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

test('with heal: false it stays as it is', async () => {
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
