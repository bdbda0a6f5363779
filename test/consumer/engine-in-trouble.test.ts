import Docker from 'dockerode';
import { label } from '../../src/engine/docker/image/labels';
import { PrivateEngine } from '../engine/private-engine';
import { until } from '../support/until';
import { runJest } from './harness/jest';
import { Project } from './harness/project';

/** One for both tests: to bring the image in and to build on it takes as long as they do. */
let engine: PrivateEngine;
beforeAll(async () => {
  engine = await PrivateEngine.create(new Docker(), ['postgres:17'], { diskMb: 2048 });
}, 300_000);
afterAll(() => engine?.remove(), 60_000);

async function run() {
  const project = new Project('single');
  project.configure({ slaves: 1, startTimeoutMs: 20_000 });
  const env = { DOCKER_HOST: engine.host };
  return runJest(project, ['--runInBand'], { env, via: engine.via });
}

async function runWithRoom(leftMb: number) {
  engine.fillDisk(leftMb);
  try {
    const failed = await run();
    failed.expectExit(1);
    expect(failed.stderr).toMatch(/no space left on device/i);
    const filters = { label: [label.session] };
    expect(await engine.docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await engine.docker.listNetworks({ filters })).toEqual([]);
    return failed;
  } finally {
    engine.freeDisk();
  }
}

test('on a full disk a build, a container and a server each fail in their own words, and leave nothing; with room again all is well', async () => {
  expect((await runWithRoom(1)).stderr).toMatch(
    /building the \w+ image .* failed at step [\s\S]*[Nn]o space left on device/,
  );
  (await run()).expectExit(0);
  expect((await runWithRoom(0)).stderr).toMatch(/the cluster did not start: creating the nodes/);
  const ofServer = (await runWithRoom(1)).stderr;
  expect(ofServer).toMatch(/the cluster did not start: starting pg[01] /);
  expect(ofServer).toMatch(/ {2}\| .* (PANIC|FATAL|ERROR): .*No space left on device/);
  (await run()).expectExit(0);
});

test('a restart of dockerd in mid-test is reported and healed; when it stays away, Jest ends, and the reaper removes what comes back', async () => {
  const project = new Project('engine-restart');
  const acts: [what: string, act: () => Promise<void>][] = [
    ['1-stop', () => engine.end('SIGTERM')],
    ['2-start', () => engine.start()],
    ['3-kill', () => engine.end('SIGKILL')],
  ];
  const run = await runJest(project, [], {
    env: { DOCKER_HOST: engine.host },
    via: engine.via,
    deadlineMs: 240_000,
    whileRunning: async () => {
      for (const [what, act] of acts) {
        await until(`to be asked for ${what}`, () => project.told().includes(what), 60_000);
        await act();
        project.write(`done-${what}`, '');
      }
    },
  });
  run.expectExit(1);
  expect(project.told()).toContain('healed');
  // What has passed stays passed; what comes after it fails, and says since when.
  expect(project.statuses()).toEqual({
    'the engine is stopped, and started again': 'passed',
    'the engine is killed, and nobody starts it': 'passed',
    'what comes after it does not begin': 'failed',
  });
  expect(run.stderr).toMatch(
    /since “the engine is killed, and nobody starts it”: the cluster could not be healed: .*the Docker engine has gone away/,
  );
  expect(run.stderr).toMatch(/the cluster could not be removed: .*the Docker engine has gone away/);
  await engine.start();
  const filters = { label: [label.session] };
  await until(
    'the reaper to remove everything',
    async () => {
      const containers = await engine.docker.listContainers({ all: true, filters });
      const networks = await engine.docker.listNetworks({ filters });
      return containers.length + networks.length === 0;
    },
    30_000,
  );
});
