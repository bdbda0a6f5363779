import { spawnSync } from 'node:child_process';
import Docker from 'dockerode';
import { ownerOf } from '../../src/cleanup/owner';
import { label } from '../../src/engine/docker/image/labels';
import { PrivateEngine } from '../engine/private-engine';
import { useFolder } from '../support/folder';
import { until } from '../support/until';
import type { Finished } from './harness/command';
import { builtBy, tagsOf } from './harness/images';
import { runJest } from './harness/jest';
import { pgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';

/** Of its own: what others have on theirs is not to be pruned. */
let engine: PrivateEngine;
beforeAll(async () => {
  engine = await PrivateEngine.create(new Docker(), ['postgres:17']);
}, 300_000);
afterAll(() => engine?.remove(), 60_000);

const folder = useFolder('prune-docker');

function run(...args: string[]): Promise<Finished> {
  const env = { DOCKER_HOST: engine.host, PG_CLUSTER_CACHE_DIR: folder };
  return pgCluster({ folder }, args, { env, via: engine.via });
}

test('the doctor tells what an engine is and has; images go once no run uses them', async () => {
  const project = new Project('single');
  // So that nobody else uses images of this template, on whatever engine.
  project.configure({ slaves: 1, database: 'pruned' });
  project.write(
    'held.test.js',
    `const { existsSync, writeFileSync } = require('node:fs');
    test('is in the middle', async () => {
      writeFileSync('told-ready.json', '1');
      while (!existsSync('pruned')) await new Promise((resolve) => setTimeout(resolve, 20));
      await pgCluster.addSlave();
      expect(pgCluster.slaves).toHaveLength(2);
    });\n`,
  );
  let meanwhile: Finished | undefined;
  const jest = await runJest(project, ['--testPathPatterns=held'], {
    env: { DOCKER_HOST: engine.host },
    via: engine.via,
    whileRunning: async () => {
      await until('the test to be in the middle', () => project.told().length > 0, 120_000);
      meanwhile = await run('prune', '--all');
      project.write('pruned', '');
    },
  });
  jest.expectExit(0);
  const [hash = 'none built'] = builtBy(jest);
  expect(meanwhile?.stdout).toMatch(
    new RegExp(`^stays {2}images of template ${hash} \\(.*\\): a running process uses it$`, 'm'),
  );

  const doctor = await run('doctor');
  doctor.expectExit(0);
  expect(doctor.stdout).toMatch(
    /^engine: 'auto' runs nodes in Docker, since an engine answers\.$/m,
  );
  const { stdout } = await run('doctor', '--json');
  const [docker] = JSON.parse(stdout).engines;
  expect(docker).toMatchObject({ engine: 'docker', works: true, problem: null });
  expect(docker.tried[0]).toMatchObject({
    isTaken: true,
    said: expect.stringMatching(/^answers: Docker \d+\..*, API \d/),
  });
  expect(docker.facts).toMatchObject({
    dial: 'at ports published on 127.0.0.1',
    cgroupVersion: expect.stringMatching(/^[12]$/),
    rootless: false,
    storageDriver: expect.any(String),
    memoryBytes: expect.any(Number),
    diskFreeBytes: expect.any(Number),
    baseImage: 'postgres:17',
    baseImageIsThere: true,
  });
  expect(docker.kept).toEqual([
    { kind: 'images', name: hash, bytes: expect.any(Number), unusedMs: expect.any(Number) },
  ]);
  // Without the base image, which has some hundred megabytes.
  const { Size } = await engine.docker.getImage('postgres:17').inspect();
  expect(docker.kept[0].bytes).toBeGreaterThan(2 ** 20);
  expect(docker.kept[0].bytes).toBeLessThan(Size);

  expect((await run('prune')).stdout).toContain('0 B freed, 0 things; 1 used in the last 7 days');
  expect((await run('prune', '--all', '--dry-run')).stdout).toContain(`would remove  images`);
  expect(await tagsOf(engine.docker, hash)).toHaveLength(2);
  const pruned = await run('prune', '--all');
  pruned.expectExit(0);
  expect(pruned.stdout).toContain(`removed  images of template ${hash} (`);
  const left = await engine.docker.listImages({ all: true });
  expect(left.flatMap(({ RepoTags }) => RepoTags ?? [])).toEqual(['postgres:17']);
});

test('what dead processes have left is told with its bytes, and goes; that of living ones stays', async () => {
  const { pid } = spawnSync('true');
  await leave(
    'dead0000',
    ownerOf(pid),
    'head -c 3145728 /dev/zero >/left; head -c 2097152 /dev/zero >/disk/left',
  );
  await leave('living00', ownerOf(process.pid), 'true');

  const told = 'what a process has left in Docker, session dead0000 (5.0 MB)\n';
  const dry = await run('prune', '--dry-run');
  dry.expectExit(0);
  expect(dry.stdout).toContain(`would remove  ${told}`);
  expect(dry.stdout).toMatch(/^5\.0 MB would be freed, 1 thing/m);
  expect(await sessionsThere()).toEqual(['dead0000', 'living00']);
  const pruned = await run('prune');
  pruned.expectExit(0);
  expect(pruned.stdout).toContain(`removed  ${told}`);
  expect(await sessionsThere()).toEqual(['living00']);
}, 120_000);

/** A session with a container that has ended, a network and a volume. */
async function leave(session: string, owner: string, script: string): Promise<void> {
  const { docker } = engine;
  const Labels = { [label.session]: session, [label.owner]: owner };
  await docker.createNetwork({ Name: session, Labels });
  await docker.createVolume({ Name: session, Labels });
  const container = await docker.createContainer({
    Image: 'postgres:17',
    Entrypoint: ['sh', '-c', script],
    Labels,
    HostConfig: { NetworkMode: 'none', Binds: [`${session}:/disk`] },
  });
  await container.start();
  expect(await container.wait()).toMatchObject({ StatusCode: 0 });
}

/** Those that have all of their things still, or some. */
async function sessionsThere(): Promise<string[]> {
  const filters = { label: [label.session] };
  const [containers, networks, { Volumes }] = await Promise.all([
    engine.docker.listContainers({ all: true, filters }),
    engine.docker.listNetworks({ filters }),
    engine.docker.listVolumes({ filters }),
  ]);
  const found = [...containers, ...networks, ...Volumes];
  return [...new Set(found.map(({ Labels }) => Labels?.[label.session] ?? ''))].sort();
}
