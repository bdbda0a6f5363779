import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { call, statusOf } from '../client/api-call';
import { label, repository } from './labels';

/** Our tags; some engines put a registry's name in front. */
const ourTag = new RegExp(`(^|/)${repository}/[^/]+$`);

/** Removes the images of one template, and the steps they were built in, as far as nobody needs them. */
export async function removeTemplate(
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
export async function removeImage(
  docker: Docker,
  name: string,
  deadline: Deadline,
): Promise<boolean> {
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
