import Docker from 'dockerode';
import { label } from '../../src/engine/docker/image/labels';
import { runJest } from './harness/jest';
import { PrivateEngine } from './harness/private-engine';
import { Project } from './harness/project';

let engine: PrivateEngine;
beforeAll(async () => {
  engine = await PrivateEngine.create(new Docker(), 'postgres:17', 2048);
}, 120_000);
afterAll(() => engine?.remove(), 60_000);

async function run() {
  const project = new Project('single');
  const options = { slaves: 1, startTimeoutMs: 8000 };
  project.write(
    'jest.config.js',
    `module.exports = {
      preset: 'jest-environment-pg-cluster',
      testEnvironmentOptions: ${JSON.stringify(options)},
    };`,
  );
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
    /building the \w+ image .* failed at step .*\n.*no space left on device/,
  );
  (await run()).expectExit(0);
  expect((await runWithRoom(0)).stderr).toMatch(/the cluster did not start: creating the nodes/);
  const ofServer = (await runWithRoom(1)).stderr;
  expect(ofServer).toMatch(/the cluster did not start: starting pg[01] /);
  expect(ofServer).toMatch(/ {2}\| .* PANIC: .*No space left on device/);
  (await run()).expectExit(0);
});
