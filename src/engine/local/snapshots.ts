import { writeFileSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../deadline';
import type { CloneSource } from '../engine';
import { copyForSnapshot, copyWal, pack } from './copy';
import type { ServerUser } from './server-user';
import { runSingleUser } from './single-user';

/** The snapshots of a cluster: archives of data directories, beside its nodes. */
export class Snapshots {
  readonly #home: string;

  /** @param home the cluster's directory */
  constructor(home: string) {
    this.#home = home;
  }

  archiveOf(id: string): string {
    return join(this.#home, `snapshot-${id}.tar`);
  }

  /** A copy of the data of a server that runs, with which others begin as if it had been shut down. */
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
    const draft = join(this.#home, `snapshot-${o.id}`);
    const data = join(draft, 'data');
    try {
      await mkdir(draft, { mode: 0o700 });
      if (user.ids) await chown(draft, user.ids.uid, user.ids.gid);
      const label = await source.backup(
        () => copyForSnapshot(from, data, user, deadline),
        deadline,
      );
      await copyWal(from, data, user, deadline);
      const labelFile = join(data, 'backup_label');
      writeFileSync(labelFile, label, { mode: 0o600 });
      if (user.ids) await chown(labelFile, user.ids.uid, user.ids.gid);
      await this.#recover(o.programs, data, user, deadline);
      await pack(draft, 'data', this.archiveOf(o.id), deadline);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  async drop(id: string): Promise<void> {
    await rm(this.archiveOf(id), { force: true });
  }

  /** Once, so that nobody has to do it at each start. WAL that no slot needs goes. */
  async #recover(
    programs: string,
    data: string,
    user: ServerUser,
    deadline: Deadline,
  ): Promise<void> {
    const settings = ['wal_keep_size=0', 'min_wal_size=2MB', 'max_wal_size=2MB'];
    await runSingleUser(programs, data, { user, input: '', settings }, deadline);
  }
}
