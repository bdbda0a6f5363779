import type Docker from 'dockerode';
import type { Deadline } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import { isLocked } from '../../../base/machine/lock';
import { isInUse } from '../../../cleanup/uses';
import type { Kept } from '../../diagnosis';
import { type HowToPrune, type Pruned, whyInUse, whyLocked } from '../../pruning';
import { keptImages } from './kept-images';
import { areUsed, imagesOf, lockOf, removeUnused, templatesOn } from './old-images';

const whyPartOfOthers = 'others have tagged its images, or built on them';

/** Removes the images of templates that nobody has used for some time, and tells of each. */
export async function pruneImages(
  docker: Docker,
  how: HowToPrune,
  deadline: Deadline,
): Promise<readonly Pruned[]> {
  const all = await keptImages(docker, deadline);
  const pruned: Pruned[] = [];
  for (const hash of (await templatesOn(docker, deadline)).keys()) {
    const kept = all.find(({ name }) => name === hash);
    if (!kept) continue;
    try {
      pruned.push({ kept, ...(await pruneOne(docker, kept, how, deadline)) });
    } catch (error) {
      pruned.push({ kept, outcome: 'failed', why: messageOf(error) });
    }
  }
  return pruned;
}

async function pruneOne(
  docker: Docker,
  { name, unusedMs }: Kept,
  { olderThanMs, dryRun }: HowToPrune,
  deadline: Deadline,
): Promise<Pick<Pruned, 'outcome' | 'why'>> {
  if (unusedMs < olderThanMs) return { outcome: 'young', why: undefined };
  if (isInUse(lockOf(name))) return { outcome: 'stays', why: whyInUse };
  // Its lock would be had in the end, and then they would be in use.
  if (isLocked(lockOf(name))) return { outcome: 'stays', why: whyLocked };
  if (dryRun) {
    const images = await imagesOf(docker, name, deadline);
    return (await areUsed(docker, images, deadline))
      ? { outcome: 'stays', why: whyInUse }
      : { outcome: 'removed', why: undefined };
  }
  const why = await removeUnused(docker, name, olderThanMs, deadline);
  if (why !== undefined) return { outcome: why === 'young' ? 'young' : 'stays', why: whyInUse };
  return (await imagesOf(docker, name, deadline)).length === 0
    ? { outcome: 'removed', why: undefined }
    : { outcome: 'stays', why: whyPartOfOthers };
}
