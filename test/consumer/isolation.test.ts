import { runJest } from './harness/jest';
import { Project } from './harness/project';

test.each(['docker', 'local'])('each test starts anew, on engine %s', async (ENGINE) => {
  const project = new Project('isolation');
  const run = await runJest(project, [], { env: { ENGINE } });
  run.expectExit(0);
  expect(Object.keys(project.statuses())).toHaveLength(9);
});
