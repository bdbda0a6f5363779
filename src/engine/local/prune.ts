import type { Deadline } from '../../base/deadline';
import { messageOf } from '../../base/errors';
import { isLocked } from '../../base/machine/lock';
import { isInUse } from '../../cleanup/uses';
import type { Kept } from '../diagnosis';
import { type HowToPrune, type Pruned, whyInUse, whyLocked } from '../pruning';
import { cachePlace, serversParts } from './directories/roots';
import type { LocalOptions } from './local-options';
import { keptEntries, lockOf, removeUnused } from './programs/unused-entries';

/** Removes old templates and copies of programs from the cache. */
export async function prune(
  { cacheDir }: LocalOptions,
  how: HowToPrune,
  deadline: Deadline,
): Promise<readonly Pruned[]> {
  const cache = cachePlace(cacheDir).directory;
  const pruned: Pruned[] = [];
  for (const kept of keptEntries([cache, ...serversParts(cache)])) {
    pruned.push(await pruneEntry(kept, how, deadline));
  }
  return pruned;
}

async function pruneEntry(kept: Kept, how: HowToPrune, deadline: Deadline): Promise<Pruned> {
  if (kept.unusedMs < how.olderThanMs) return { kept, outcome: 'young', why: undefined };
  const lock = lockOf(kept.name);
  if (isInUse(lock)) return { kept, outcome: 'stays', why: whyInUse };
  // Its lock would be had in the end, and then it would be in use.
  if (isLocked(lock)) return { kept, outcome: 'stays', why: whyLocked };
  if (how.dryRun) return { kept, outcome: 'removed', why: undefined };
  try {
    const why = await removeUnused(kept.name, how.olderThanMs, deadline);
    if (why === undefined) return { kept, outcome: 'removed', why };
    return { kept, outcome: why === 'young' ? 'young' : 'stays', why: whyInUse };
  } catch (error) {
    return { kept, outcome: 'failed', why: messageOf(error) };
  }
}
