import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { processOf } from '../../cleanup/session';
import type { OtherNode } from '../engine';
import { dataRoots, serversParts } from './directories/roots';
import { sessionTrees } from './directories/session-trees';
import { pidFile } from './server/pid-file';
import { dataIn } from './server/server';
import { isGone } from './system/read-if-there';

/**
 * A server of this user, in any other cluster than the one whose servers are below `own`, that
 * listens on one of the ports by itself: not one that a forwarder stands in front of.
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

/** Others remove what is theirs at any moment. */
function inside(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
