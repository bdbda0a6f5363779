import { existsSync } from 'node:fs';
import { rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Deadline, within } from '../../../base/deadline';
import { makePrivate } from '../../../base/machine/private-directory';
import { newId } from '../../../base/new-id';
import { unpack } from '../system/archives';
import { removeDirectories } from '../system/remove-directories';
import type { ServerUser } from '../system/server-user';

/** How long work in the background may take. */
const aheadMs = 30_000;

/** Copies of a node's data directory that are made ahead, since copying takes most of a start. */
export class SpareCopy {
  readonly #home: string;
  readonly #user: ServerUser;
  readonly #discarded: string[] = [];
  #archive: string | undefined;
  #made: Promise<{ path: string; isFinished: boolean }> | undefined;

  /** @param home where copies for `user` are made, on the file system where they will be needed */
  constructor(home: string, user: ServerUser) {
    this.#home = home;
    this.#user = user;
  }

  /**
   * Begins to unpack an archive, unless that has been done.
   * @param finish what else can be done to the copy ahead of time
   */
  prepare(
    archive: string,
    deadline = Deadline.inBackground(aheadMs),
    finish?: (data: string, deadline: Deadline) => Promise<void>,
  ): void {
    if (this.#archive === archive) return;
    this.#archive = archive;
    this.#made = this.#make(archive, deadline).then(async (path) => {
      await finish?.(join(path, 'data'), deadline);
      return { path, isFinished: finish !== undefined };
    });
    // Whoever takes it gets the error.
    this.#made.catch(() => {});
  }

  /** Whether a copy of this archive is there, or is being made. */
  has(archive: string): boolean {
    return this.#archive === archive;
  }

  /**
   * Moves a copy to where it is needed, where nothing may be yet. Resolves to whether it was made
   * ahead of time, and whether it was finished, too.
   */
  async take(
    archive: string,
    to: string,
    deadline: Deadline,
  ): Promise<{ wasAhead: boolean; isFinished: boolean }> {
    const ahead = this.#archive === archive ? this.#made : undefined;
    this.#archive = undefined;
    this.#made = undefined;
    const made = await within(deadline, 'a copy that is being made', async () =>
      ahead?.catch(() => undefined),
    );
    const path = made?.path ?? (await this.#make(archive, deadline));
    await rename(join(path, 'data'), to);
    await rmdir(path);
    return { wasAhead: made !== undefined, isFinished: made?.isFinished ?? false };
  }

  /** Moves a directory that is not needed any more out of the way; it is removed later. */
  async discard(path: string): Promise<void> {
    if (!existsSync(path)) return;
    const place = join(this.#home, `discarded-${newId()}`);
    await rename(path, place);
    this.#discarded.push(place);
  }

  /**
   * Removes what was discarded, but lets a copy that is being made go first: somebody may wait for
   * that.
   */
  async clear(): Promise<void> {
    const deadline = Deadline.inBackground(aheadMs);
    await this.settled(deadline);
    await removeDirectories(this.#discarded.splice(0), deadline);
  }

  /** Resolves when no copy is being made any more. */
  async settled(deadline: Deadline): Promise<void> {
    await within(deadline, 'a copy that is being made', async () => this.#made?.catch(() => {}));
  }

  async #make(archive: string, deadline: Deadline): Promise<string> {
    const path = join(this.#home, `spare-${newId()}`);
    makePrivate(path, this.#user.ids);
    await unpack(archive, path, this.#user, deadline);
    return path;
  }
}
