import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

const file = 'watched.test.js';

test.each([
  ['docker', 'worker'],
  ['local', 'file'],
])(
  'watch mode on engine %s with lifetime %s: each run has a new cluster, nothing is left',
  async (engine, lifetime) => {
    const project = new Project('watched');
    const run = await runJest(project, ['--watchAll'], {
      env: { ENGINE: engine, LIFETIME: lifetime },
      whileRunning: async (jest) => {
        for (const runs of [1, 2, 3]) {
          await until(`run ${runs}`, () => project.told().length === runs, 30_000);
          const text = readFileSync(join(project.folder, file), 'utf8');
          project.write(file, `${text}// again\n`);
        }
        process.kill(-jest, 'SIGINT');
      },
    });
    expect(run.stderr).toContain('1 passed');
    expect(run.stderr).not.toContain('1 failed');
    await expectNothingLeft(run);
  },
);
