import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../base/errors';
import { say } from '../../base/progress';
import type { Happening, Moment } from '../records';

/** After so many bytes, records of which there may be very many are only counted. */
const roomBytes = 16 * 1024 * 1024;
const many: Partial<Record<Happening['kind'], string>> = {
  statements: 'records of statements',
  lag: 'records of lag',
  writes: 'records of ledgers',
  log: 'records of logs',
  hit: 'hits of traps',
};

/** A file that gets each record when it happens, so that no end of this process loses one. */
export class RecordingFile {
  /** Milliseconds since the epoch when its clock was 0. */
  readonly startedAt = Date.now();
  readonly #origin = performance.now();
  readonly #path: string;
  readonly #hide: (text: string) => string;
  readonly #leftOut = new Map<string, number>();
  /** Undefined once it is closed. */
  #file: number | undefined;
  #bytes = 0;

  /** @param hide takes secrets out of a text */
  constructor(path: string, hide: (text: string) => string) {
    this.#path = path;
    this.#hide = hide;
    this.#attempt(() => {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, 'a', 0o600);
    });
  }

  /** What its clock says. */
  get now(): Moment {
    return performance.now() - this.#origin;
  }

  /** @param at milliseconds since the epoch, not long ago: the clock of these may be set meanwhile */
  momentOf(at: number): Moment {
    return this.now - (Date.now() - at);
  }

  write(happening: Happening): void {
    const what = many[happening.kind];
    if (what !== undefined && this.#bytes > roomBytes) {
      this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1);
    } else this.#append(happening);
  }

  close(): void {
    for (const [what, count] of this.#leftOut) this.#append({ kind: 'left out', what, count });
    this.#append({ kind: 'end' });
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #append(happening: Happening): void {
    const line = `${JSON.stringify({ at: this.now, ...happening }, this.#value)}\n`;
    this.#bytes += line.length;
    this.#attempt(() => {
      if (this.#file !== undefined) writeSync(this.#file, line);
    });
  }

  /** Hundredths of a millisecond are enough. */
  readonly #value = (_key: string, value: unknown): unknown => {
    if (typeof value === 'string') return this.#hide(value);
    return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
  };

  /** No test may fail because a recording cannot be written. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#file = undefined;
      say(`the recording ${this.#path} ends here: ${messageOf(error)}`);
    }
  }
}
