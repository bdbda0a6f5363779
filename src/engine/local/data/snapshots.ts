import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { makePrivate } from '../../../base/machine/private-directory';
import type { SnapshotSource } from '../../engine-node';
import type { ClusterDirectories } from '../directories/cluster-directories';
import { pack } from '../system/archives';
import { writeOwned } from '../system/owned-files';
import type { ServerUser } from '../system/server-user';
import type { Unpacked } from './changes';
import { copyChanges, copyForSnapshot, copyWal } from './copy-data-directory';
import { neededWal } from './needed-wal';
import type { Original } from './original';

/** The snapshots of a cluster: archives of data directories, or of what has changed in them. */
export class Snapshots {
  readonly #directories: ClusterDirectories;
  readonly #originals = new Map<string, Original>();

  constructor(directories: ClusterDirectories) {
    this.#directories = directories;
  }

  /** What data directories are unpacked from. */
  originalOf(id: string): Original {
    const original = this.#originals.get(id);
    if (original) return original;
    throw new Error(`there is no snapshot ${id}`);
  }

  /**
   * Copies the data of a running server. Servers that begin with the copy recover from it as after a
   * crash, which takes a hundredth of a second.
   */
  async save(
    o: {
      id: string;
      source: SnapshotSource;
      /** Its data directory, and what that was unpacked from, if it is known. */
      from: string;
      unpacked: Unpacked | undefined;
      template: Original;
      user: ServerUser;
    },
    deadline: Deadline,
  ): Promise<void> {
    const { source, from, unpacked, template, user } = o;
    const archive = join(this.#directories.ours, `snapshot-${o.id}.tar`);
    const draft = join(this.#directories.servers, `snapshot-${o.id}`);
    const data = join(draft, 'data');
    try {
      makePrivate(draft, user.ids);
      let base: Original['base'];
      const label = await source.backup(async () => {
        base = unpacked && (await copyChanges(from, data, unpacked, template, user, deadline));
        if (!base) await copyForSnapshot(from, data, user, deadline);
      }, deadline);
      const { first, last } = await source.neededWal(deadline);
      const needed = (names: readonly string[]) => neededWal(names, { label, first, last });
      await copyWal(from, data, needed, user, deadline);
      writeOwned(join(data, 'backup_label'), label, user);
      await pack(draft, 'data', archive, deadline);
      this.#originals.set(o.id, base ? { archive, base } : { archive });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  async drop(id: string): Promise<void> {
    const { archive } = this.originalOf(id);
    this.#originals.delete(id);
    await rm(archive, { force: true });
  }
}
