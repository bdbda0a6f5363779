import { basename } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { unpackSome } from '../system/archives';
import { removeWithin } from '../system/remove-directories';
import type { ServerUser } from '../system/server-user';
import { changesIn, noteUnpacked, type Unpacked } from './changes';
import { type Original, sourcesOf } from './original';

/**
 * Makes a data directory as it is when it is unpacked from an original, by replacing only what is
 * other. Nobody uses it. Resolves to undefined if that could not be done: all has to be replaced.
 */
export async function putBack(
  data: string,
  before: Unpacked,
  original: Original,
  user: ServerUser,
  deadline: Deadline,
): Promise<Unpacked | undefined> {
  const changes = await changesIn(data, before, original, user, deadline);
  if (!changes) return undefined;
  const { strange, changed, missing } = changes;
  const sources = await sourcesOf(original, deadline);
  const isSomethingElse = (path: string) => sources.has(path);
  const unpacked = [...changed, ...missing, ...strange.filter(isSomethingElse)];
  await removeWithin(data, strange, user, deadline);
  const o = { name: basename(data), to: data, user };
  // That of the data directory itself is the first: other ones may need directories of it.
  for (const archive of new Set([...sources.values()].map((source) => source.archive))) {
    const from = unpacked.filter((path) => sources.get(path)?.archive === archive);
    await unpackSome(archive, from, o, deadline);
  }
  return noteUnpacked(original, data, deadline);
}
