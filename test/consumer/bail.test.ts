import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

test('--bail, while another worker is in the middle of a file, leaves nothing', async () => {
  const project = new Project('bail');
  const run = await runJest(project, ['--bail', '--maxWorkers=2']);
  run.expectExit(1);
  expect(run.stderr).toContain('fails once the other file is in the middle of something');
  expect(run.stderr).toContain('Expected: "that"');
  expect(await run.containersMade()).toBe(4);
  await expectNothingLeft(run);
});
