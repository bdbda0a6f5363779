import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { processOf } from '../../cleanup/owner';
import type { OtherNode } from '../engine';
import { dataRoots, serversParts } from './directories/roots';
import { sessionTrees } from './directories/session-trees';
import { pidFile } from './server/pid-file';
import { dataIn } from './server/server';
import { isGone } from './system/read-if-there';

/**
 * A node of another cluster of this user's whose server listens on one of the ports itself. A
 * forwarder's ports are not seen. The servers below `own` do not count.
 */
export function nodeOn(ports: readonly number[], own: string | undefined): OtherNode | undefined {
  const roots = dataRoots().flatMap((root) => [root, ...serversParts(root)]);
  for (const [session, owner] of sessionTrees()) {
    for (const cluster of roots.flatMap((root) => inside(join(root, session)))) {
      if (cluster === own) continue;
      const home = inside(cluster).find((path) => ports.includes(portOf(path)));
      if (home === undefined) continue;
      return {
        name: /pg\d+/.exec(home.slice(cluster.length))?.[0] ?? '',
        process: processOf(owner),
      };
    }
  }
  return undefined;
}

/** Line 4 of postmaster.pid. */
function portOf(home: string): number {
  return Number(pidFile(dataIn(home))[3]);
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
