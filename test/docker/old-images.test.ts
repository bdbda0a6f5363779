import { randomBytes } from 'node:crypto';
import { Deadline } from '../../src/base/deadline';
import { withLock } from '../../src/base/machine/lock';
import { silent } from '../../src/base/progress';
import { label, repository } from '../../src/engine/docker/image/labels';
import { lockOf, removeOldImages } from '../../src/engine/docker/image/old-images';
import { engineOf } from '../../src/engine/registry';
import { buildImage } from '../engine/build-image';
import { start } from '../support/cluster';
import { docker } from '../support/docker';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';

const stamp = randomBytes(10).toString('hex');
const base = `jest-environment-pg-cluster-test/old-images:${stamp}`;

beforeAll(() =>
  buildImage(docker, base, { Dockerfile: `FROM postgres:17\nLABEL stamp=${stamp}\n` }),
);
afterAll(async () => {
  // What tests that failed have left.
  const left = await docker.listImages({ filters: { label: [`stamp=${stamp}`] } });
  // A slave's image is built on the master's, which cannot go first.
  const tags = left.flatMap(({ RepoTags }) => RepoTags ?? []).sort();
  for (const name of tags.reverse().filter((one) => one !== '<none>:<none>')) {
    await docker.getImage(name).remove({ force: true });
  }
  await expectNothingLeft();
});

const removeOld = () => removeOldImages(docker, Deadline.in(60_000));
const dayBefore = (days: number) =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const useOf = (hash: string, days: number) => `${repository}/used:${hash}-${dayBefore(days)}`;

async function tag(image: string, as: string): Promise<void> {
  const [repo = '', name = ''] = as.split(':');
  await docker.getImage(image).tag({ repo, tag: name });
}

async function isThere(image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

async function tagsOf(hash: string): Promise<string[]> {
  const images = await docker.listImages({ filters: { label: [`${label.template}=${hash}`] } });
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).sort();
}

/** The template of the images that are built on this file's own. */
async function builtHash(): Promise<string> {
  const filters = { label: [`stamp=${stamp}`, label.masterImage] };
  const [slave] = await docker.listImages({ filters });
  return slave?.Labels[label.template] ?? 'none';
}

describe('images of a template', () => {
  const given = { image: base, settings: { work_mem: '5MB' } };
  let hash: string;
  const pair = () => [`${repository}/master:${hash}`, `${repository}/slave:${hash}`];

  test('stay while a container uses one of them, however old they are', async () => {
    await using the = await start({ ...given, slaves: 0 });
    hash = await builtHash();
    await tag(`${repository}/slave:${hash}`, useOf(hash, 20));
    await removeOld();
    expect(await tagsOf(hash)).toEqual([...pair(), useOf(hash, 20)]);
    const slave = await the.pgCluster.addSlave();
    await expect(rows(slave.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    // Other runs on this engine remove old images, too.
    await tag(`${repository}/slave:${hash}`, useOf(hash, 8));
    await docker.getImage(useOf(hash, 20)).remove();
  });

  test('are marked by a start as used today', async () => {
    {
      await using _used = await start({ ...given, slaves: 0 });
    }
    expect(await tagsOf(hash)).toEqual([...pair(), useOf(hash, 0)]);
    await removeOld();
    expect(await tagsOf(hash)).toEqual([...pair(), useOf(hash, 0)]);
  });

  test('stay if they were used while the removal waited for their lock', async () => {
    const { removing } = await withLock(lockOf(hash), Deadline.in(20_000), silent, async () => {
      await tag(`${repository}/slave:${hash}`, useOf(hash, 15));
      await docker.getImage(useOf(hash, 0)).remove();
      const lists = jest.spyOn(docker, 'listImages');
      const waits = removeOld();
      await lists.mock.results[0]?.value;
      lists.mockRestore();
      await tag(`${repository}/slave:${hash}`, useOf(hash, 13));
      return { removing: waits };
    });
    await removing;
    expect(await tagsOf(hash)).toEqual([...pair(), useOf(hash, 15), useOf(hash, 13)].sort());
  });

  test('go after two weeks without use, with all build steps, and nothing else goes', async () => {
    const fresh = randomBytes(10).toString('hex');
    const others = randomBytes(10).toString('hex');
    const own = `jest-environment-pg-cluster-test/own:${stamp}`;
    const dockerfile = { Dockerfile: `FROM postgres:17\nLABEL made=later stamp=${stamp}\n` };
    await buildImage(docker, `${repository}/slave:${fresh}`, dockerfile, {
      [label.template]: fresh,
    });
    await buildImage(docker, own, dockerfile, { [label.template]: others });
    await tag(own, useOf(others, 20));

    const baseId = (await docker.getImage(base).inspect()).Id;
    const history: { Id: string }[] = await docker
      .getImage(`${repository}/slave:${hash}`)
      .history();
    const steps = history.slice(
      0,
      history.findIndex(({ Id }) => Id === baseId),
    );
    expect(steps.length).toBeGreaterThan(5);
    // As when it was built again: the engine itself would remove it with the last that needs it.
    await docker.getImage(base).remove();
    await docker.getImage(useOf(hash, 13)).remove();
    try {
      await engineOf('docker').ageOut?.(Deadline.in(60_000));
      expect(await tagsOf(hash)).toEqual([]);
      for (const { Id } of steps) expect([Id, await isThere(Id)]).toEqual([Id, false]);
      expect(await tagsOf(fresh)).toEqual([`${repository}/slave:${fresh}`]);
      expect(await isThere(own)).toBe(true);
      expect(await isThere(baseId)).toBe(true);
      await docker.getImage(baseId).remove();
    } finally {
      await docker.getImage(own).remove({ force: true });
      await docker.getImage(useOf(others, 20)).remove({ force: true });
      await docker.getImage(`${repository}/slave:${fresh}`).remove({ force: true });
    }
  });
});
