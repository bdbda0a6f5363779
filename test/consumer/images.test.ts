import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import { repository } from '../../src/engine/docker/labels';
import { builtBy, removeImages, tagsOf } from './harness/images';
import { runJest } from './harness/jest';
import { Project } from './harness/project';

const docker = new Docker();

test('two workers that need the same new images build them once', async () => {
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
  } finally {
    await removeImages(docker, hashes);
  }
});
