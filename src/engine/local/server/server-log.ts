import { existsSync, lstatSync, statSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { since } from '../../../postgres/server-log';
import { appendOwned, writeOwned } from '../system/owned-files';
import type { ServerUser } from '../system/server-user';

/** The file with a server's log. */
export class ServerLog {
  readonly #path: string;
  readonly #user: ServerUser;
  /** Its length at each start, to find what was written since. */
  readonly #starts: { at: number; length: number }[] = [];
  /** When it took the place of another one, whose text is in a file beside it. */
  #tookOverAt: number | undefined;

  /** @param user the server's, in whose directory it is */
  constructor(path: string, user: ServerUser) {
    this.#path = path;
    this.#user = user;
  }

  noteStart(): void {
    const length = existsSync(this.#path) ? statSync(this.#path).size : 0;
    this.#starts.push({ at: Date.now(), length });
  }

  /** From now on what another server has logged so far counts as its own, and the other log is empty. */
  async continues(former: ServerLog): Promise<void> {
    this.#tookOverAt = Date.now();
    await rm(this.#before, { force: true });
    if (isFile(former.#before)) await rename(former.#before, this.#before);
    appendOwned(this.#before, (await textOf(former.#path)).toString('utf8'), this.#user);
    former.#tookOverAt = undefined;
    former.#starts.length = 0;
    writeOwned(former.#path, '', this.#user);
  }

  get #before(): string {
    return `${this.#path}.before`;
  }

  /** What was written from `from` (milliseconds since the epoch) on. */
  async since(from: number): Promise<string> {
    if (this.#tookOverAt === undefined || from > this.#tookOverAt) return this.#ownSince(from);
    return `${since((await textOf(this.#before)).toString('utf8'), from)}${await this.#ownSince(from)}`;
  }

  async #ownSince(from: number): Promise<string> {
    const text = await textOf(this.#path);
    // Everything after a start later than `from` is new, whatever its lines look like.
    const end = this.#starts.find(({ at }) => at >= from)?.length ?? text.length;
    const begin = this.#starts.findLast(({ at }) => at < from)?.length ?? 0;
    const before = since(text.subarray(Math.min(begin, end), end).toString('utf8'), from);
    return `${before}${text.subarray(end).toString('utf8')}`;
  }
}

/** Not a link, say, that SQL has put there. */
function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Empty if nothing has been logged there yet. */
async function textOf(path: string): Promise<Buffer> {
  return existsSync(path) ? await readFile(path) : Buffer.alloc(0);
}
