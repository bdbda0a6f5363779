import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { needRoot } from '../support/root';
import { until } from '../support/until';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

// Root in a container lacks some of root's rights.
beforeAll(() => needRoot('nobody else has rights to lose'));

test('every act works for root without the right to look into other users’ processes', async () => {
  const project = new Project('few-rights');
  const via = ['setpriv', '--bounding-set', '-sys_ptrace'];
  const run = await runJest(project, ['--maxWorkers=2'], { via });
  run.expectExit(0);
  expect(project.statuses()).toEqual({ 'acts on servers have their effects': 'passed' });
});

test('killed in the middle, such a run leaves nothing', async () => {
  const project = new Project('interrupted');
  const via = ['setpriv', '--bounding-set', '-sys_ptrace'];
  const run = await runJest(project, ['--maxWorkers=2'], {
    via,
    env: { ENGINE: 'local', WAIT: '1' },
    whileRunning: async (jest) => {
      await until('both files to be in the middle', () => project.told().length === 2, 60_000);
      process.kill(-jest, 'SIGKILL');
    },
  });
  await expectNothingLeft(run);
});

test('root without capabilities is told what is missing, and nothing is made', async () => {
  const project = new Project('few-rights');
  const cache = join(project.folder, 'cache-of-clusters');
  const run = await runJest(project, ['a.test.js'], {
    via: ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all'],
    env: { PG_CLUSTER_CACHE_DIR: cache },
  });
  run.expectExit(1);
  expect(run.stderr).toContain(
    'it lacks CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_SETGID, CAP_SETUID. Run the tests as another user, give the container --cap-add CHOWN',
  );
  expect(existsSync(cache)).toBe(false);
});
