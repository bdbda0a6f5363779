import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { withLock } from '../../../base/machine/lock';
import { silent } from '../../../base/progress';
import { keptUnusedMs, notedEveryMs } from '../../unused-age';
import { call, statusOf } from '../client/api-call';
import { label, repository } from './labels';

/** Our tags; some engines put a registry's name in front. */
const ourTag = new RegExp(`(^|/)${repository}/[^/]+$`);
/**
 * A tag on the slave's image names the day of its last use: so the engine itself keeps it, for all
 * its users.
 */
const useTag = new RegExp(`(^|/)${repository}/used:[0-9a-f]+-(\\d{4}-\\d\\d-\\d\\d)$`);

/** What matters about an image; lists of images have it, and so has the inspection of one. */
interface Dated {
  readonly Id: string;
  readonly RepoTags: string[] | null | undefined;
  /** Text, or seconds since 1970. */
  readonly Created: string | number;
}

/** The lock under which the images of a template are both built and removed. */
export function lockOf(hash: string): string {
  return `images-${hash}`;
}

/** How long ago images were used; if no use was noted, how long ago they were made. */
export function ageOf(images: readonly Dated[]): number {
  const days = images.flatMap((image) => daysOf(image).map(({ day }) => day));
  const made = images.map(({ Created }) =>
    typeof Created === 'string' ? Date.parse(Created) : Created * 1000,
  );
  return Date.now() - Math.max(...(days.length > 0 ? days : made));
}

/** Notes that a slave's image is used now. Resolves to false if others have just removed it. */
export async function noteUse(
  docker: Docker,
  slave: Dated,
  hash: string,
  deadline: Deadline,
): Promise<boolean> {
  if (ageOf([slave]) < notedEveryMs) return true;
  const today = new Date().toISOString().slice(0, 10);
  try {
    await call(deadline, `note that the image ${slave.Id} is used`, (abortSignal) =>
      docker
        .getImage(slave.Id)
        .tag({ repo: `${repository}/used`, tag: `${hash}-${today}`, abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
  for (const { tag } of daysOf(slave)) {
    // A tag that stays does no harm: the newest counts.
    await removeImage(docker, tag, deadline).catch(() => {});
  }
  return true;
}

/**
 * Removes the images of templates that nobody has used for long, and the steps they were built in.
 * Images of a container stay, as do those that others have tagged, and the base images.
 */
export async function removeOldImages(docker: Docker, deadline: Deadline): Promise<void> {
  const all = await labelled(docker, label.template, deadline);
  for (const hash of new Set(all.map(({ Labels }) => Labels[label.template] ?? ''))) {
    if (!isOld(all.filter(({ Labels }) => Labels[label.template] === hash))) continue;
    await withLock(lockOf(hash), deadline, silent, async () => {
      const images = await labelled(docker, `${label.template}=${hash}`, deadline);
      if (isOld(images) && !(await areUsed(docker, images, deadline))) {
        await removeTemplate(docker, images, deadline);
      }
    });
  }
}

async function removeTemplate(
  docker: Docker,
  images: readonly Docker.ImageInfo[],
  deadline: Deadline,
): Promise<void> {
  const isSlave = ({ Labels }: Docker.ImageInfo) => Labels[label.masterImage] !== undefined;
  const steps = new Map<Docker.ImageInfo, readonly Step[]>();
  for (const image of images) steps.set(image, await stepsOf(docker, image, deadline));
  // The slave's image goes first: a master's image is of no use without it, and stays as long as it
  // does.
  for (const image of [...images.filter(isSlave), ...images.filter((one) => !isSlave(one))]) {
    for (const step of steps.get(image) ?? []) {
      if (!(await removeStep(docker, step, deadline))) return;
    }
  }
}

interface Step {
  readonly id: string;
  readonly tags: readonly string[];
}

/**
 * An image, and the steps it was built in, the last first, down to but without the base image. The
 * engine would remove the steps with the image, but also a base image that has no tag any more.
 */
async function stepsOf(
  docker: Docker,
  image: Docker.ImageInfo,
  deadline: Deadline,
): Promise<readonly Step[]> {
  const itself = { id: image.Id, tags: image.RepoTags ?? [] };
  const base = image.Labels[label.baseImage];
  const history: { Id: string; Tags: string[] | null }[] = await call(
    deadline,
    `look at the history of ${image.Id}`,
    () => docker.getImage(image.Id).history(),
  );
  const end = history.findIndex(({ Id }) => Id === base);
  const below = history.slice(1, Math.max(1, end)).filter(({ Id }) => Id !== '<missing>');
  return [itself, ...below.map(({ Id, Tags }) => ({ id: Id, tags: Tags ?? [] }))];
}

/** Resolves to whether it is gone; then what it was built on may go, too. */
async function removeStep(
  docker: Docker,
  { id, tags }: Step,
  deadline: Deadline,
): Promise<boolean> {
  const names = tags.filter((tag) => tag !== '<none>:<none>');
  if (!names.every((tag) => ourTag.test(tag))) return false;
  let isGone = false;
  for (const name of names.length > 0 ? names : [id]) {
    isGone = await removeImage(docker, name, deadline);
  }
  return isGone;
}

/** Removes a tag; resolves to whether the image has gone with it. */
async function removeImage(docker: Docker, name: string, deadline: Deadline): Promise<boolean> {
  try {
    const removed: { Deleted?: string }[] = await call(
      deadline,
      `remove the image ${name}`,
      (abortSignal) => docker.getImage(name).remove({ noprune: true, abortSignal }),
    );
    return removed.some(({ Deleted }) => Deleted !== undefined);
  } catch (error) {
    if (statusOf(error) === 404) return true;
    // A container or another image needs it.
    if (statusOf(error) === 409) return false;
    throw error;
  }
}

async function areUsed(
  docker: Docker,
  images: readonly Docker.ImageInfo[],
  deadline: Deadline,
): Promise<boolean> {
  const containers = await call(deadline, 'list containers', (abortSignal) =>
    docker.listContainers({ all: true, abortSignal }),
  );
  const ids = new Set(images.map(({ Id }) => Id));
  return containers.some(({ ImageID }) => ids.has(ImageID));
}

/** The images with this label; not the steps they were built in. */
export function labelled(
  docker: Docker,
  filter: string,
  deadline: Deadline,
): Promise<Docker.ImageInfo[]> {
  return call(deadline, 'list images', (abortSignal) =>
    docker.listImages({ filters: { label: [filter] }, abortSignal }),
  );
}

function isOld(images: readonly Dated[]): boolean {
  return images.length > 0 && ageOf(images) > keptUnusedMs;
}

function daysOf({ RepoTags }: Dated): { tag: string; day: number }[] {
  return (RepoTags ?? []).flatMap((tag) => {
    const day = Date.parse(useTag.exec(tag)?.[2] ?? '');
    return Number.isNaN(day) ? [] : [{ tag, day }];
  });
}
