import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { makePrivate } from '../../../base/machine/private-directory';
import { snapshotSettings } from '../../data-directory-rules';
import type { CloneSource } from '../../engine-node';
import type { ClusterDirectories } from '../directories/cluster-directories';
import { pack } from '../system/archives';
import { writeOwned } from '../system/owned-files';
import type { ServerUser } from '../system/server-user';
import { copyForSnapshot, copyWal } from './copy-data-directory';
import { runSingleUser } from './single-user';

/** The snapshots of a cluster: archives of data directories, beside its nodes. */
export class Snapshots {
  readonly #directories: ClusterDirectories;

  constructor(directories: ClusterDirectories) {
    this.#directories = directories;
  }

  archiveOf(id: string): string {
    return join(this.#directories.ours, `snapshot-${id}.tar`);
  }

  /**
   * Copies the data of a running server; servers that begin with the copy find it cleanly shut
   * down.
   */
  async save(
    o: {
      id: string;
      source: CloneSource;
      /** Its data directory. */
      from: string;
      programs: string;
      user: ServerUser;
    },
    deadline: Deadline,
  ): Promise<void> {
    const { source, from, user } = o;
    const draft = join(this.#directories.servers, `snapshot-${o.id}`);
    const data = join(draft, 'data');
    try {
      makePrivate(draft, user.ids);
      const label = await source.backup(
        () => copyForSnapshot(from, data, user, deadline),
        deadline,
      );
      await copyWal(from, data, user, deadline);
      writeOwned(join(data, 'backup_label'), label, user);
      await this.#recover(o.programs, data, user, deadline);
      await pack(draft, 'data', this.archiveOf(o.id), deadline);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  async drop(id: string): Promise<void> {
    await rm(this.archiveOf(id), { force: true });
  }

  /** Recovers once, so that no start has to. WAL that no slot needs goes. */
  async #recover(
    programs: string,
    data: string,
    user: ServerUser,
    deadline: Deadline,
  ): Promise<void> {
    const options = { user, input: '', settings: snapshotSettings };
    await runSingleUser(programs, data, options, deadline);
  }
}
