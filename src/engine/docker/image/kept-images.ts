import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import type { Kept } from '../../diagnosis';
import { call } from '../client/api-call';
import { label } from './labels';
import { ageOf, labelled } from './old-images';

/** The images of every template that the engine has, as one thing for each template. */
export async function keptImages(docker: Docker, deadline: Deadline): Promise<Kept[]> {
  const [ours, all] = await Promise.all([
    labelled(docker, label.template, deadline),
    call(deadline, 'list images', (abortSignal) => docker.listImages({ all: true, abortSignal })),
  ]);
  const sizes = new Map(all.map(({ Id, Size }) => [Id, Size]));
  const names = new Set(ours.map(({ Labels }) => Labels[label.template] ?? ''));
  return [...names].map((name) => {
    const images = ours.filter(({ Labels }) => Labels[label.template] === name);
    return {
      kind: 'images',
      name,
      bytes: images.reduce((sum, image) => sum + ownBytes(image, sizes), 0),
      unusedMs: ageOf(images),
    };
  });
}

/** How much an image takes without the one that it is built on, which others may use. */
function ownBytes({ Size, Labels }: Docker.ImageInfo, sizes: ReadonlyMap<string, number>): number {
  const below = Labels[label.masterImage] ?? Labels[label.baseImage] ?? '';
  return Math.max(0, Size - (sizes.get(below) ?? 0));
}
