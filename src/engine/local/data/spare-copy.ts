import { existsSync } from 'node:fs';
import { rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Deadline, within } from '../../../base/deadline';
import { makePrivate } from '../../../base/machine/private-directory';
import { newId } from '../../../base/new-id';
import { removeDirectories } from '../system/remove-directories';
import type { ServerUser } from '../system/server-user';
import { noteUnpacked, type Unpacked } from './changes';
import { type Original, unpackOriginal } from './original';

/** How long work in the background may take. */
const aheadMs = 30_000;

type Finish = (data: string, deadline: Deadline) => Promise<void>;

interface Made {
  /** Where the folder `data` is. */
  readonly path: string;
  readonly unpacked: Unpacked;
  /** Whether what else can be done to it has been done. */
  readonly isFinished: boolean;
}

/** Copies of a node's data directory that are made ahead, since copying takes most of a start. */
export class SpareCopy {
  readonly #home: string;
  readonly #user: ServerUser;
  readonly #discarded: string[] = [];
  #original: Original | undefined;
  #made: Promise<Made> | undefined;

  /** @param home where copies for `user` are made, on the file system where they will be needed */
  constructor(home: string, user: ServerUser) {
    this.#home = home;
    this.#user = user;
  }

  /**
   * Begins to unpack an original, unless that has been done.
   * @param finish what else can be done to the copy ahead of time
   */
  prepare(original: Original, deadline = Deadline.inBackground(aheadMs), finish?: Finish): void {
    if (this.#original === original) return;
    this.#original = original;
    this.#made = this.#make(original, deadline, finish);
    // Whoever takes it gets the error.
    this.#made.catch(() => {});
  }

  /** Whether a copy of it is there, or is being made. */
  has(original: Original): boolean {
    return this.#original === original;
  }

  /** Moves a copy to where it is needed, where nothing may be yet. */
  async take(
    original: Original,
    to: string,
    deadline: Deadline,
  ): Promise<Pick<Made, 'unpacked' | 'isFinished'> & { readonly wasAhead: boolean }> {
    const ahead = this.has(original) ? this.#made : undefined;
    this.#original = undefined;
    this.#made = undefined;
    const found = await within(deadline, 'a copy that is being made', async () =>
      ahead?.catch(() => undefined),
    );
    const { path, ...made } = found ?? (await this.#make(original, deadline));
    await rename(join(path, 'data'), to);
    await rmdir(path);
    return { ...made, wasAhead: found !== undefined };
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

  async #make(original: Original, deadline: Deadline, finish?: Finish): Promise<Made> {
    const path = join(this.#home, `spare-${newId()}`);
    makePrivate(path, this.#user.ids);
    await unpackOriginal(original, path, this.#user, deadline);
    const data = join(path, 'data');
    const unpacked = await noteUnpacked(original, data, deadline);
    await finish?.(data, deadline);
    return { path, unpacked, isFinished: finish !== undefined };
  }
}
