import { runJest } from './harness/jest';
import { Project } from './harness/project';

test.each(['local'])(
  'a test that inserts without end fails and says why, and so do those that would meet what it left: %s',
  async (engine) => {
    const project = new Project('greedy');
    const run = await runJest(project, ['--runInBand'], { env: { ENGINE: engine } });
    run.expectExit(1);
    expect(project.statuses()).toEqual({
      'passes before': 'passed',
      'is greedy': 'failed',
      'comes after': 'failed',
      'is greedy, too': 'failed',
      'starts anew': 'passed',
    });
    const why =
      'pg0 was ended, to keep the machine alive: its data took \\d+ MB, and dataLimitMb allows 150 MB';
    for (const title of ['is greedy', 'comes after', 'is greedy, too']) {
      // Jest has a section for each error of a test.
      const told = run.stderr.split('● ').filter((section) => section.startsWith(`${title}\n`));
      expect(told.join()).toMatch(new RegExp(why));
    }
    expect(run.stderr).toMatch(new RegExp(`since “is greedy”: ${why}`));
  },
);
