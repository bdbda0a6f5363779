import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { withLock } from '../../../base/machine/lock';
import { silent } from '../../../base/progress';
import { isInUse } from '../../../cleanup/uses';
import { keptUnusedMs, notedEveryMs } from '../../unused-age';
import { call, statusOf } from '../client/api-call';
import { label, repository } from './labels';
import { removeImage, removeTemplate } from './remove-images';

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
  return Math.max(0, Date.now() - Math.max(...(days.length > 0 ? days : made)));
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

/** Removes the images of templates that nobody has used for long. */
export async function removeOldImages(docker: Docker, deadline: Deadline): Promise<void> {
  for (const [hash, images] of await templatesOn(docker, deadline)) {
    if (isOld(images, keptUnusedMs)) await removeUnused(docker, hash, keptUnusedMs, deadline);
  }
}

/**
 * The images of every template, by its hash. What is built on another's comes before that. One look
 * tells all: with many images it takes the engine a while.
 */
export async function templatesOn(
  docker: Docker,
  deadline: Deadline,
): Promise<ReadonlyMap<string, Docker.ImageInfo[]>> {
  const all = await labelled(docker, label.template, deadline);
  const ours = new Set(all.map(({ Id }) => Id));
  const isOnOurs = ({ Labels }: Docker.ImageInfo) => ours.has(Labels[label.baseImage] ?? '');
  const sorted = [...all.filter(isOnOurs), ...all.filter((image) => !isOnOurs(image))];
  const templates = new Map<string, Docker.ImageInfo[]>();
  for (const image of sorted) {
    const hash = image.Labels[label.template] ?? '';
    templates.set(hash, [...(templates.get(hash) ?? []), image]);
  }
  return templates;
}

/**
 * Removes the images of a template, and the steps they were built in, unless they are used, or are
 * not that old any more when their lock is had. Images of a container stay, as do those that others
 * have tagged, and the base images. Resolves to why they were not removed.
 */
export async function removeUnused(
  docker: Docker,
  hash: string,
  olderThanMs: number,
  deadline: Deadline,
): Promise<'young' | 'in use' | undefined> {
  return withLock(lockOf(hash), deadline, silent, async () => {
    const images = await imagesOf(docker, hash, deadline);
    if (!isOld(images, olderThanMs)) return 'young';
    if (isInUse(lockOf(hash)) || (await areUsed(docker, images, deadline))) return 'in use';
    await removeTemplate(docker, images, deadline);
    return undefined;
  });
}

/** The images of one template. */
export function imagesOf(
  docker: Docker,
  hash: string,
  deadline: Deadline,
): Promise<Docker.ImageInfo[]> {
  return labelled(docker, `${label.template}=${hash}`, deadline);
}

/** Whether there is a container of one of them. */
export async function areUsed(
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

function isOld(images: readonly Dated[], olderThanMs: number): boolean {
  return images.length > 0 && ageOf(images) >= olderThanMs;
}

function daysOf({ RepoTags }: Dated): { tag: string; day: number }[] {
  return (RepoTags ?? []).flatMap((tag) => {
    const day = Date.parse(useTag.exec(tag)?.[2] ?? '');
    return Number.isNaN(day) ? [] : [{ tag, day }];
  });
}
