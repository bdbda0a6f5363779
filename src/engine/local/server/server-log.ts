import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { since } from '../../../postgres/server-log';

/** The file with a server's log. */
export class ServerLog {
  readonly #path: string;
  /** Its length at each start, to find what was written since. */
  readonly #starts: { at: number; length: number }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  noteStart(): void {
    const length = existsSync(this.#path) ? statSync(this.#path).size : 0;
    this.#starts.push({ at: Date.now(), length });
  }

  /** What was written from `from` (milliseconds since the epoch) on. */
  async since(from: number): Promise<string> {
    if (!existsSync(this.#path)) return '';
    const text = await readFile(this.#path);
    // Everything after a start later than `from` is new, whatever its lines look like.
    const end = this.#starts.find(({ at }) => at >= from)?.length ?? text.length;
    const begin = this.#starts.findLast(({ at }) => at < from)?.length ?? 0;
    const before = since(text.subarray(Math.min(begin, end), end).toString('utf8'), from);
    return `${before}${text.subarray(end).toString('utf8')}`;
  }
}
