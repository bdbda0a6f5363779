import { runJest } from './harness/jest';
import { Project } from './harness/project';

const passed = [
  'the slave has what the hooks wrote',
  'the same after waitForCatchup',
  'the next one is as usual',
  'with a fault of beforeAll the slave is left alone',
  'a test may pause and resume by itself',
  ...[1, 2, 3].map((number) => `concurrent number ${number}`),
  'a failover loses nothing',
  'after it the slave is another',
];

test.each([
  { engine: 'docker' },
  { engine: 'local' },
  { engine: 'local', isolation: 'test', lifetime: 'worker' },
])(
  'with staleReads code that reads its own writes from a slave fails, with %j',
  async (options) => {
    const project = new Project('stale-reads');
    const run = await runJest(project, ['--maxWorkers=1'], {
      env: { OPTIONS: JSON.stringify(options) },
    });
    run.expectExit(1);
    expect(project.statuses()).toEqual({
      ...Object.fromEntries(passed.map((name) => [name, 'passed'])),
      'code that reads its own write from the slave': 'failed',
      'a test that hangs': 'failed',
      'a hook that fails fails its test': 'failed',
    });
    expect(run.stderr).toMatch(/stand still .*: staleReads: only waitForCatchup\(\) shows slaves/);
    const told = run.stderr.split('\n').filter((line) => line.includes('left a fault'));
    expect(
      told.map((line) => line.replace(/( \(healed|, pg0 rebuilt from the master;).*/, '')),
    ).toEqual(
      'isolation' in options
        ? []
        : [
            'pg-cluster: “with a fault of beforeAll” left a fault: pg1 was paused',
            'pg-cluster: “a failover loses nothing” left a fault: pg0 was killed',
          ],
    );
  },
);
