import { randomUUID } from 'node:crypto';
import { figure } from '../engine/figures';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { MemoryGroup } from './harness/memory-group';
import { Project } from './harness/project';

const crashes: [way: string, args: string[], exitCode: number | null, said: RegExp][] = [
  ['an uncaught exception', ['--runInBand'], 1, /nobody catches this/],
  // Jest gives a file whose worker has died another worker, some times.
  ['an abort', ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'], 1, /terminated|crashed/],
  ['an abort', ['--runInBand'], null, /^/],
  ['an exit', ['--runInBand'], 3, /process\.exit called/],
  ['an open handle', ['--runInBand', '--forceExit'], 0, /Force exiting Jest|^/],
];

describe.each(['docker', 'local'])('on engine %s', (engine) => {
  test.each(crashes)('%s with %j leaves nothing', async (way, args, exitCode, said) => {
    const run = await runJest(new Project('crashes'), args, {
      env: { ENGINE: engine, WAY: way },
    });
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toMatch(said);
    await expectNothingLeft(run);
  });

  test('a worker that the kernel kills for lack of memory leaves nothing', async () => {
    const group = new MemoryGroup(`pg-cluster-test-${randomUUID()}`, 64);
    try {
      const run = await runJest(
        new Project('crashes'),
        ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'],
        { env: { ENGINE: engine, WAY: 'lack of memory', MEMORY_GROUP: group.path } },
      );
      run.expectExit(1);
      expect(run.stderr).toMatch(/signal=SIGKILL/);
      expect(group.kills).toBeGreaterThan(0);
      await expectNothingLeft(run);
      figure('kills survived', group.kills);
    } finally {
      await group.remove();
    }
  });
});
