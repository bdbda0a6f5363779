import type Docker from 'dockerode';
import { label } from '../../../src/engine/docker/image/labels';
import type { Finished } from './command';

/** The hashes of the templates that a run has built images of. */
export function builtBy({ stderr }: Finished): string[] {
  const built = stderr.matchAll(/^pg-cluster: built \S+\/master:([0-9a-f]+) and/gm);
  return [...built].map(([, hash = '']) => hash);
}

/** Tags of the images of one template. */
export async function tagsOf(docker: Docker, hash: string): Promise<string[]> {
  const images = await docker.listImages({ filters: { label: [`${label.template}=${hash}`] } });
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).sort();
}

/** Removes what nobody else has use for. */
export async function removeImages(docker: Docker, hashes: readonly string[]): Promise<void> {
  for (const hash of hashes) {
    // A slave's image is built on the master's, which cannot go first.
    for (const tag of (await tagsOf(docker, hash)).reverse()) await docker.getImage(tag).remove();
  }
}
