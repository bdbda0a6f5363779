import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isGone, readIfThere } from '../../base/machine/read-if-there';
import { processOf } from '../../cleanup/owner';
import type { OtherNode } from '../engine';
import { clientPortFile } from './data/data-directory';
import { dataRoots, serversParts } from './directories/roots';
import { sessionTrees } from './directories/session-trees';
import { pidFile } from './server/pid-file';
import { dataIn } from './server/server';

/**
 * A node of another cluster of this user's whose server runs, and whose clients connect to one of the
 * ports. The servers below `own` do not count.
 */
export function nodeOn(ports: readonly number[], own: string | undefined): OtherNode | undefined {
  const roots = dataRoots().flatMap((root) => [root, ...serversParts(root)]);
  for (const [session, owner] of sessionTrees()) {
    for (const cluster of roots.flatMap((root) => inside(join(root, session)))) {
      if (cluster === own) continue;
      const home = inside(cluster).find((path) => ports.some((port) => port === portOf(path)));
      if (home === undefined) continue;
      return {
        name: /pg\d+/.exec(home.slice(cluster.length))?.[0] ?? '',
        process: processOf(owner),
      };
    }
  }
  return undefined;
}

/** Undefined if no server runs there. */
function portOf(home: string): number | undefined {
  return pidFile(dataIn(home)).length > 0 ? Number(readIfThere(clientPortFile(home))) : undefined;
}

/** None if the directory is gone: others may remove theirs at any moment. */
function inside(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
