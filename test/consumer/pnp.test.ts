import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { figure } from '../engine/figures';
import { until } from '../support/until';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';
import { installWithYarn, yarn } from './harness/yarn';

// Packages are in archives there, and only what NODE_OPTIONS names can load them.
describe('in a project of Yarn PnP', () => {
  let project: Project;
  const by = [yarn, 'jest'];

  beforeAll(async () => {
    project = new Project('pnp');
    await installWithYarn(project);
    expect(existsSync(join(project.folder, '.pnp.cjs'))).toBe(true);
    expect(existsSync(join(project.folder, 'node_modules'))).toBe(false);
  });

  test('on the local engine, tests pass', async () => {
    const run = await runJest(project, [], { by, env: { ENGINE: 'local' } });
    run.expectExit(0);
    expect(run.stderr).not.toMatch(/WARNING/);
  });

  test('in Docker, SIGKILL of all leaves nothing', async () => {
    const run = await runJest(project, [], {
      by,
      env: { ENGINE: 'docker', MIDDLE: 'in-the-middle' },
      whileRunning: async (pid) => {
        const middle = join(project.folder, 'in-the-middle');
        await until('the test to be in the middle', () => existsSync(middle), 60_000);
        process.kill(-pid, 'SIGKILL');
      },
    });
    expect(run.exitCode).not.toBe(0);
    expect(run.stderr).not.toMatch(/WARNING/);
    await expectNothingLeft(run);
    figure('kills survived');
  });
});
