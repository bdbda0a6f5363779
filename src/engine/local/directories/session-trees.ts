import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { notedOwner } from '../../../cleanup/owner-note';
import { sizeOf } from './directory-size';
import { removeTree } from './remove-tree';
import { dataRoots, serversParts } from './roots';

/**
 * Removes everything of a session of this user: processes, shared memory and directories. Resolves
 * to how many processes and directories there were.
 */
export async function removeSessionTrees(sessionId: string, deadline: Deadline): Promise<number> {
  let removed = 0;
  // Our own part goes last, as it names the owner: somebody else may have to finish this.
  for (const roots of [dataRoots().flatMap(serversParts), dataRoots()]) {
    const trees = roots.map((root) => removeTree(join(root, sessionId), deadline));
    for (const count of await Promise.all(trees)) removed += count;
  }
  return removed;
}

/** The owner of every session of this user, by the session's id. */
export function sessionTrees(): ReadonlyMap<string, string> {
  return new Map(
    dataRoots().flatMap((root) =>
      readdirSync(root).flatMap((name) => {
        const owner = notedOwner(join(root, name));
        return owner === undefined ? [] : [[name, owner] as const];
      }),
    ),
  );
}

/** How many bytes the directories of a session take. */
export function sizeOfSession(sessionId: string): number {
  return dataRoots()
    .flatMap((root) => [root, ...serversParts(root)])
    .reduce((sum, root) => sum + sizeOf(join(root, sessionId)), 0);
}
