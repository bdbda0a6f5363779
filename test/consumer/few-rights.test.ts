import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';
import { until } from './harness/until';

/** Root in a container, which lacks some of root's rights; nobody else has any to lose. */
const isRoot = process.getuid?.() === 0;

test('root that may not look into other users’ processes: every act has its effect', async () => {
  if (!isRoot) return;
  const project = new Project('few-rights');
  const via = ['setpriv', '--bounding-set', '-sys_ptrace'];
  const run = await runJest(project, ['--maxWorkers=2'], { via });
  run.expectExit(0);
  expect(project.statuses()).toEqual({ 'acts on servers have their effects': 'passed' });
});

test('killed there in the middle, it leaves nothing', async () => {
  if (!isRoot) return;
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

test('root without any capability: it is told what is missing, and nothing was made', async () => {
  if (!isRoot) return;
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
