import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { type Member, membersOf, unpack } from '../system/archives';
import { removeWithin } from '../system/remove-directories';
import type { ServerUser } from '../system/server-user';

/** What data directories are unpacked from: an archive of the folder `data`. */
export interface Original {
  readonly archive: string;
  /** If the archive has only what is not as in there. */
  readonly base?: {
    readonly original: Original;
    /** The paths of what is in there and has to go. */
    readonly gone: ReadonlySet<string>;
  };
}

/** In bytes, about: what is in both is counted twice. */
export function sizeOf({ archive, base }: Original): number {
  return statSync(archive).size + (base ? sizeOf(base.original) : 0);
}

/** What a file or directory is unpacked from, and what it is then. */
interface Source extends Member {
  readonly archive: string;
}

/** By the path of each file and directory in `data`. */
export type Sources = ReadonlyMap<string, Source>;

const known = new WeakMap<Original, Promise<Sources>>();

/** Archives do not change, so that they are read once. */
export function sourcesOf(original: Original, deadline: Deadline): Promise<Sources> {
  const found = known.get(original) ?? readSources(original, deadline);
  known.set(original, found);
  // The next one tries again.
  found.catch(() => known.delete(original));
  return found;
}

async function readSources({ archive, base }: Original, deadline: Deadline): Promise<Sources> {
  const sources = new Map<string, Source>();
  if (base) {
    for (const [path, source] of await sourcesOf(base.original, deadline)) {
      if (!base.gone.has(path)) sources.set(path, source);
    }
  }
  for (const [path, member] of await membersOf(archive, deadline)) {
    // It has the directories in which something has changed.
    if (!member.isDirectory || !sources.has(path)) sources.set(path, { ...member, archive });
  }
  return sources;
}

/** Makes the folder `data` in a directory. */
export async function unpackOriginal(
  { archive, base }: Original,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  if (base) {
    await unpackOriginal(base.original, to, user, deadline);
    await removeWithin(join(to, 'data'), [...base.gone], user, deadline);
  }
  await unpack(archive, to, user, deadline);
}
