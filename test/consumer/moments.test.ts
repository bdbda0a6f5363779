import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { figure } from '../engine/figures';
import { until } from '../support/until';
import { builtBy, removeImages } from './harness/images';
import { runJest } from './harness/jest';
import { expectNothingLeft } from './harness/leftovers';
import { Project } from './harness/project';

/** How long after it has begun each is in the middle of it. */
const moments: [moment: string, afterMs: { docker: number; local: number }][] = [
  ['starting', { docker: 500, local: 60 }],
  ['paused', { docker: 0, local: 0 }],
  ['healing', { docker: 100, local: 30 }],
  ['failing over', { docker: 50, local: 10 }],
  ['resetting', { docker: 150, local: 40 }],
  ['tearing down', { docker: 50, local: 10 }],
];

const docker = new Docker();
/** What is written when the longest step of building begins. */
const building = {
  docker: /RUN sh \/pg-cluster\/make-data-directory/,
  local: /data directory: initdb/,
};

/** The containers of that step, whoever builds. */
async function buildContainers(): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  return containers
    .filter(({ Command }) => Command.includes('make-data-directory'))
    .map(({ Id }) => Id);
}

/**
 * What an act was at is the same to both engines: where Docker itself is at work is tried there, in the
 * one test in which that is. What comes before takes several times as long there.
 */
const momentsOn = {
  docker: moments.filter(([moment]) => /^(starting|resetting|tearing down)$/.test(moment)),
  local: moments,
};
const testsOn = { docker: ['--testNamePattern=puts the cluster back'], local: [] };

describe.each(['docker', 'local'] as const)('on engine %s', (engine) => {
  test.each(momentsOn[engine])(
    'SIGKILL of all while %s leaves nothing',
    async (moment, afterMs) => {
      const project = new Project('moments');
      const run = await runJest(project, testsOn[engine], {
        env: { ENGINE: engine, MOMENT: moment },
        whileRunning: async (jest) => {
          await until(`Jest to be ${moment}`, () => project.told().length > 0, 60_000);
          await delay(afterMs[engine]);
          process.kill(-jest, 'SIGKILL');
        },
      });
      expect(run.exitCode).toBeNull();
      await expectNothingLeft(run);
      figure('kills survived');
    },
  );

  test('SIGKILL of all while building leaves nothing, and the next run builds', async () => {
    const project = new Project('moments');
    const env = { ENGINE: engine, STAMP: randomUUID() };
    let steps: string[] = [];
    const run = await runJest(project, [], {
      env,
      whileRunning: async (jest, stderr) => {
        await until('the build to begin', () => building[engine].test(stderr()), 60_000);
        if (engine === 'docker') {
          await until('its container', async () => {
            steps = await buildContainers();
            return steps.length > 0;
          });
        }
        process.kill(-jest, 'SIGKILL');
      },
    });
    expect(run.exitCode).toBeNull();
    await expectNothingLeft(run);
    await until(
      'the steps of the build to be gone',
      async () => !(await buildContainers()).some((id) => steps.includes(id)),
      20_000,
    );
    figure('kills survived');
    const next = await runJest(project, testsOn[engine], { env });
    try {
      next.expectExit(0);
      expect(next.stderr).toMatch(building[engine]);
    } finally {
      await removeImages(docker, builtBy(next));
    }
  });
});
