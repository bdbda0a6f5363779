import { runJest } from './harness/jest';
import { Project } from './harness/project';

test('a subclass handles events as Jest documents it, and the cluster is looked after', async () => {
  const project = new Project('subclass');
  const run = await runJest(project);
  expect(project.statuses()).toEqual({
    'leaves the master paused': 'passed',
    'the subclass has heard of it before it was healed': 'passed',
    'fails by an exception that nobody catches': 'failed',
    'the subclass had its turn before and after the healing': 'passed',
  });
  expect(run.stderr).toContain('thrown; heard of, with number');
  expect(run.stderr.match(/“leaves the master paused” left a fault/g)).toHaveLength(2);
});
