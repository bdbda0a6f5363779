import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readIfThere } from '../../../base/machine/read-if-there';
import type { ClusterDirectories } from './cluster-directories';

/** How much each node of a cluster may take. The watcher, in another process, reads it. */
export interface Bound {
  readonly bytes: number;
  /** Whether the user gave it; otherwise it is a share of what was free. */
  readonly isGiven: boolean;
  /** Where the nodes have their directories. */
  readonly servers: string;
}

const noteFile = 'bound';
const whyFile = (node: string) => `ended-${node}`;

/** The bound of a cluster, if one is noted in its directory yet. */
export function boundOf(cluster: string): Bound | undefined {
  const note = readIfThere(join(cluster, noteFile));
  return note === undefined ? undefined : (JSON.parse(note) as Bound);
}

/** Why the watcher has ended a node, if it has. */
export function whyEnded(cluster: string, node: string): string | undefined {
  return readIfThere(join(cluster, whyFile(node)));
}

/** The watcher notes it before it ends a node, so that whoever sees the end finds the reason. */
export function noteWhyEnded(cluster: string, node: string, why: string): void {
  write(join(cluster, whyFile(node)), why);
}

/** The cluster's side of the bounds. */
export class DataBounds {
  readonly #cluster: string;

  /** Notes a bound, for the watcher to see. */
  constructor({ ours, servers }: ClusterDirectories, bound: Omit<Bound, 'servers'>) {
    this.#cluster = ours;
    write(join(ours, noteFile), JSON.stringify({ ...bound, servers }));
  }

  /** @param home the directory of a node */
  whyEnded(home: string): string | undefined {
    return whyEnded(this.#cluster, basename(home));
  }

  /** The data are replaced, so that the node may run again. */
  forget(home: string): void {
    rmSync(join(this.#cluster, whyFile(basename(home))), { force: true });
  }
}

function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}
