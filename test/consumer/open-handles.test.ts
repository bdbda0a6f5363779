import { runJest } from './harness/jest';
import { Project } from './harness/project';

test.each([
  ['docker', 'worker'],
  ['local', 'file'],
])('on engine %s with lifetime %s, --detectOpenHandles finds none', async (ENGINE, LIFETIME) => {
  const project = new Project('workers');
  const run = await runJest(project, ['--detectOpenHandles'], { env: { ENGINE, LIFETIME } });
  run.expectExit(0);
  expect(run.stderr).toContain('4 passed');
  expect(run.stdout + run.stderr).not.toMatch(/open handles?|did not exit/i);
});

test('a handle that a test file leaves open is still found', async () => {
  const project = new Project('workers');
  project.write('opens.test.js', "setInterval(() => {}, 1000);\ntest('opens', () => {});\n");
  const run = await runJest(project, ['--detectOpenHandles', '--forceExit', 'opens'], {
    env: { ENGINE: 'local' },
  });
  run.expectExit(0);
  expect(run.stderr).toContain('Jest has detected the following 1 open handle');
});
