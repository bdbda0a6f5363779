import { randomUUID } from 'node:crypto';
import { figure } from '../engine/figures';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { MemoryGroup } from './harness/memory-group';
import { Project } from './harness/project';

/** How Jest ends then, and what it says; an abort in band leaves it no time to say anything. */
const crashes: [way: string, args: string[], end: number | string, said: RegExp | undefined][] = [
  ['an uncaught exception', ['--runInBand'], 1, /nobody catches this/],
  // Jest gives a file whose worker has died another worker, some times.
  [
    'an abort',
    ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'],
    1,
    /A jest worker process .* was terminated by another process: signal=SIGABRT/,
  ],
  ['an abort', ['--runInBand'], 'SIGABRT', undefined],
  ['an exit', ['--runInBand'], 3, /process\.exit called/],
  ['an open handle', ['--runInBand', '--forceExit'], 0, /Force exiting Jest/],
];

/** How a process ends is the same to both engines: what each leaves is seen after one clean end, one not. */
const crashesOn: Record<string, typeof crashes> = {
  docker: crashes.filter(
    ([way, [first]]) => /exception|abort/.test(way) && first === '--runInBand',
  ),
  local: crashes,
};

describe.each(['docker', 'local'])('on engine %s', (engine) => {
  test.each(crashesOn[engine] ?? [])('%s with %j leaves nothing', async (way, args, end, said) => {
    const project = new Project('crashes');
    const run = await runJest(project, args, { env: { ENGINE: engine, WAY: way } });
    expect(run.signal ?? run.exitCode).toBe(end);
    if (said) expect(run.stderr).toMatch(said);
    expect(project.told()).toEqual(['the master is paused']);
    await expectNothingLeft(run);
  });
});

test('a worker that the kernel kills for lack of memory leaves nothing on engine local', async () => {
  const group = new MemoryGroup(`pg-cluster-test-${randomUUID()}`, 64);
  try {
    const run = await runJest(
      new Project('crashes'),
      ['--maxWorkers=2', '--workerIdleMemoryLimit=2GB'],
      { env: { ENGINE: 'local', WAY: 'lack of memory', MEMORY_GROUP: group.path } },
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
