import { runJest } from './harness/jest';
import { Project } from './harness/project';

test('to tests, errors and results are instances of their own classes', async () => {
  const project = new Project('realm');
  const run = await runJest(project);
  run.expectExit(0);
  expect(Object.keys(project.statuses())).toHaveLength(6);
});
