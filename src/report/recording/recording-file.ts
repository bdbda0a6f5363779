import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../base/errors';
import { say } from '../../base/progress';
import type { Happening, Moment, RecordLine } from '../records';
import type { RecordOutput } from './record-output';

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
export class RecordingFile implements RecordOutput {
  readonly #path: string;
  readonly #hide: (text: string) => string;
  readonly #leftOut = new Map<string, number>();
  /** Undefined once it is closed. */
  #file: number | undefined;
  #bytes = 0;
  #last: Moment = 0;

  /** @param hide takes secrets out of a text */
  constructor(path: string, hide: (text: string) => string) {
    this.#path = path;
    this.#hide = hide;
    this.#attempt(() => {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, 'a', 0o600);
    });
  }

  take(record: RecordLine): void {
    const what = many[record.kind];
    this.#last = record.at;
    if (what !== undefined && this.#bytes > roomBytes) {
      this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1);
    } else this.#append(record);
  }

  close(): void {
    const at = this.#last;
    for (const [what, count] of this.#leftOut) this.#append({ at, kind: 'left out', what, count });
    this.#append({ at, kind: 'end' });
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) closeSync(file);
  }

  #append(record: RecordLine): void {
    const line = `${JSON.stringify(record, this.#value)}\n`;
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
