import { runJest } from './harness/jest';
import { Project } from './harness/project';

const failed = 'what cannot be made again';

test.each(['docker', 'local'])('each test starts anew, on engine %s', async (ENGINE) => {
  const project = new Project('isolation');
  const run = await runJest(project, ['--maxWorkers=1', '--maxConcurrency=3'], { env: { ENGINE } });
  const statuses = project.statuses();
  expect(Object.keys(statuses)).toHaveLength(28);
  const notPassed = Object.entries(statuses).filter(([, status]) => status !== 'passed');
  expect(notPassed).toEqual([
    [`${failed} fails each test`, 'failed'],
    [`${failed} of the block`, 'failed'],
  ]);
  expect(run.stderr).toMatch(/pg0 is killed\) cannot be made again .* snapshot\(\), and make/);
  expect(run.stderr).not.toContain('left a fault');
});
