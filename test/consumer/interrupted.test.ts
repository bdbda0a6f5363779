import { figure } from '../engine/figures';
import { until } from '../support/until';
import { type JestRun, runJest } from './harness/jest';
import { expectNothingLeft, reaperOf } from './harness/leftovers';
import { Project } from './harness/project';

interface Told {
  readonly pid: number;
}

const signal = (name: NodeJS.Signals, pid: number) => process.kill(pid, name);

/** What ends a run, given its parent process and its two workers. */
const ends: [what: string, end: (jest: number, workers: readonly number[]) => void][] = [
  ['Ctrl-C in the terminal', (jest) => signal('SIGINT', -jest)],
  ['SIGTERM', (jest) => signal('SIGTERM', jest)],
  ['SIGKILL of the parent', (jest) => signal('SIGKILL', jest)],
  [
    'SIGKILL of a worker, then of the parent',
    (jest, [worker = 0]) => {
      signal('SIGKILL', worker);
      signal('SIGKILL', jest);
    },
  ],
  ['SIGKILL of all', (jest) => signal('SIGKILL', -jest)],
];

/** Runs Jest, and does something to it while both of its workers are in the middle of a file. */
function interrupt(
  project: Project,
  env: NodeJS.ProcessEnv,
  act: (jest: number, workers: readonly number[]) => void,
): Promise<JestRun> {
  return runJest(project, ['--maxWorkers=2'], {
    env: { ...env, WAIT: '1' },
    whileRunning: async (jest) => {
      await until('both files to be in the middle', () => project.told().length === 2, 60_000);
      act(
        jest,
        project.told<Told>().map(({ pid }) => pid),
      );
    },
  });
}

/**
 * How a run ends is the same to every engine, and to Docker it takes long; what SIGKILL of all leaves
 * there is in moments.test.ts.
 */
const endsOn: Record<string, typeof ends> = {
  docker: ends.filter(([what]) => what.startsWith('Ctrl-C')),
  local: ends,
};

describe.each(['docker', 'local'])('on engine %s', (engine) => {
  const env = { ENGINE: engine };
  /** To make keys takes as long as all else: their files are looked for after one end of each kind. */
  const withKeys = { ...env, TLS: '1' };
  const goOn = (project: Project) => runJest(project, ['--maxWorkers=2'], { env });

  test.each(endsOn[engine] ?? [])(
    '%s leaves nothing, and the next run is green',
    async (_, end) => {
      const project = new Project('interrupted');
      const isFirst = end === ends[0]?.[1];
      const run = await interrupt(project, isFirst ? withKeys : env, end);
      expect(run.exitCode).not.toBe(0);
      await expectNothingLeft(run);
      figure('kills survived');
      // In Docker the next run is green after what leaves more, below.
      if (!isFirst || engine === 'docker') return;
      (await goOn(project)).expectExit(0);
    },
  );

  test('SIGKILL of all and of the reapers: the next run removes what is left', async () => {
    const project = new Project('interrupted');
    const run = await interrupt(project, withKeys, (jest, workers) => {
      for (const worker of workers) signal('SIGKILL', reaperOf(worker));
      signal('SIGKILL', -jest);
    });
    // Both clusters were up, and nobody is there to remove them. Whether they still are there is
    // not to be asked: whoever starts next on this machine removes them, and that may be others.
    (await goOn(project)).expectExit(0);
    await expectNothingLeft(run);
    figure('kills survived');
  });
});

test('SIGKILL of one worker: its file fails, the other goes on, nothing is left', async () => {
  const project = new Project('interrupted');
  const run = await interrupt(project, { ENGINE: 'local' }, (_, [worker = 0]) => {
    signal('SIGKILL', worker);
    project.write('go-on', '');
  });
  run.expectExit(1);
  expect(run.stderr).toContain('Test Suites: 1 failed, 1 passed, 2 total');
  await expectNothingLeft(run);
  figure('kills survived');
});
