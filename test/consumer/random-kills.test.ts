import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../../src/base/errors';
import { figure } from '../engine/figures';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

/** The long form, by `npm run test:soak`, has 100. */
const kills = Number(process.env.PG_CLUSTER_KILLS ?? 1);

/** In Docker those at moments that we name are tried always (moments.test.ts), and these at length. */
const enginesTried = kills > 1 ? ['docker', 'local'] : ['local'];

describe.each(enginesTried)('on engine %s', (engine) => {
  const env = { ENGINE: engine };

  test(`${kills} runs, each killed at a random moment, leave nothing; the next is green`, async () => {
    const project = new Project('moments');
    const startedAt = performance.now();
    (await runJest(project, [], { env })).expectExit(0);
    const fullMs = performance.now() - startedAt;
    const killedAt: number[] = [];
    // A run may be faster this time, and end before it is killed.
    for (let left = 2 * kills + 5; killedAt.length < kills && left > 0; left -= 1) {
      // It takes Jest most of a second to get to us.
      const ms = Math.round(500 + Math.random() * (fullMs - 500));
      const run = await runJest(project, [], {
        env,
        whileRunning: async (jest) => {
          await delay(ms);
          try {
            process.kill(-jest, 'SIGKILL');
          } catch (error) {
            if (codeOf(error) !== 'ESRCH') throw error;
          }
        },
      });
      if (run.signal === 'SIGKILL') killedAt.push(ms);
      else run.expectExit(0);
      await expectNothingLeft(run).catch((error: Error) => {
        throw new Error(`killed after ${ms} ms: ${error.message}`);
      });
    }
    expect(killedAt).toHaveLength(kills);
    figure('kills survived', kills);
    process.stderr.write(`${engine}: survived kills after ${killedAt.join(', ')} ms\n`);
    (await runJest(project, [], { env })).expectExit(0);
  }, 3_600_000);
});
