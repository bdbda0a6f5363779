import { runJest } from './harness/jest';
import { Project } from './harness/project';

test('tests see errors and results as instances of their own classes', async () => {
  const project = new Project('realm');
  const run = await runJest(project);
  run.expectExit(0);
  expect(project.statuses()).toEqual({
    'errors of the package': 'passed',
    'errors of PostgreSQL': 'passed',
    rows: 'passed',
    'parameters of the test': 'passed',
    'all else that the handle gives': 'passed',
    'nodes are the same each time, and can be given back': 'passed',
  });
});
