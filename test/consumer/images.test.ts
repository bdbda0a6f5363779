import { randomBytes, randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { label, repository } from '../../src/engine/docker/image/labels';
import { buildImage } from '../engine/build-image';
import { until } from '../support/until';
import { builtBy, removeImages, tagsOf } from './harness/images';
import { runJest } from './harness/jest';
import { Project } from './harness/project';

const docker = new Docker();

test('two workers that need the same new images build them once; old ones go meanwhile', async () => {
  const old = await makeOldImage();
  const project = new Project('images');
  const stamp = randomUUID();
  project.write('unique.sql', `CREATE TABLE stamp AS SELECT '${stamp}' AS id;\n`);
  const run = await runJest(project, ['--maxWorkers=2']);
  const hashes = builtBy(run);
  try {
    run.expectExit(0);
    expect(hashes).toHaveLength(1);
    const [hash = ''] = hashes;
    expect(await tagsOf(docker, hash)).toEqual([
      `${repository}/master:${hash}`,
      `${repository}/slave:${hash}`,
    ]);
    expect(project.told()).toEqual([
      { worker: expect.any(String), stamp },
      { worker: expect.any(String), stamp },
    ]);
    const workers = project.told<{ worker: string }>().map(({ worker }) => worker);
    expect(workers.sort()).toEqual(['1', '2']);
    await gone(old);
  } finally {
    await removeImages(docker, [...hashes, old]);
  }
});

/** An image that was used three weeks ago; resolves to the hash of its template. */
async function makeOldImage(): Promise<string> {
  const hash = randomBytes(10).toString('hex');
  const day = new Date(Date.now() - 21 * 86_400_000).toISOString().slice(0, 10);
  const dockerfile = { Dockerfile: 'FROM postgres:17\n' };
  const slave = `${repository}/slave:${hash}`;
  await buildImage(docker, slave, dockerfile, { [label.template]: hash });
  await docker.getImage(slave).tag({ repo: `${repository}/used`, tag: `${hash}-${day}` });
  return hash;
}

async function gone(hash: string): Promise<void> {
  await until(
    `the images of ${hash} to be removed`,
    async () => {
      const tags = await tagsOf(docker, hash);
      return tags.length === 0 ? true : tags.join(', ');
    },
    20_000,
  );
}
