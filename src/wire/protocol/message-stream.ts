import { Passages } from './passages';

/** The type byte and the length, which counts itself. */
export const headLength = 5;
/** Longer than any message that PostgreSQL takes or sends: these bytes are no messages. */
const longest = 0x4000_0000;
/** So much is kept of a body that comes in pieces. */
const mostBytes = 64 * 1024;
/** So much of a message may wait until a decision can be made. */
const mostHeld = 1024 * 1024;
const nothing = Buffer.alloc(0);

/** A body is between start and end. */
export type OnMessage = (type: number, bytes: Buffer, start: number, end: number) => void;

/** What becomes of a message, and what passes before it. */
export interface Decision {
  readonly before: readonly Buffer[];
  readonly passes: boolean;
}
/** A message, head and all, is between start and end; of one that is very long, its beginning. */
export type Decide = (type: number, bytes: Buffer, start: number, end: number) => Decision;

/** One direction of a session, as a sequence of messages: a type byte, a length, a body. */
export class MessageStream {
  /** By type: whether its body is wanted. */
  readonly #matters: Uint8Array;
  readonly #onMessage: OnMessage;
  /** Of a message whose head comes in pieces. */
  #head = nothing;
  #headRead = 0;
  #type = 0;
  /** What is still to come of the message whose head was read. */
  #left = 0;
  /** Whether that passes, and is told when it is whole. */
  #passes = true;
  #isTold = true;
  #body: Buffer[] = [];
  #bodyRead = 0;
  /** The beginning of a message that is to be decided upon. */
  #held = nothing;
  #isGarbage = false;

  /** @param matters the types of messages that it tells of */
  constructor(matters: readonly number[], onMessage: OnMessage) {
    this.#matters = tableOf(matters);
    this.#onMessage = onMessage;
  }

  /** What came is no sequence of messages. */
  get isGarbage(): boolean {
    return this.#isGarbage;
  }

  /** Whether what has passed ends with the end of a message. */
  get isBetweenMessages(): boolean {
    return this.#left === 0 && this.#headRead === 0;
  }

  /** Reads what passes. @returns it, and before it what was held */
  scan(chunk: Buffer): Buffer {
    const bytes = this.#afterHeld(chunk);
    const { length } = bytes;
    const matters = this.#matters;
    let at = this.isBetweenMessages ? 0 : this.#goOn(bytes, 0);
    while (length - at >= headLength && !this.#isGarbage) {
      const end = endOfMessage(bytes, at);
      if (end < 0) this.#isGarbage = true;
      if (end < 0 || end > length) break;
      const type = bytes[at] as number;
      if (matters[type] === 1) this.#onMessage(type, bytes, at + headLength, end);
      at = end;
    }
    if (at < length && !this.#isGarbage) this.#begin(bytes, at, true, true);
    return bytes;
  }

  /** What passes of a chunk, by the types of its messages. Nothing has to wait for that. */
  filter(bytes: Buffer, passes: (type: number) => boolean): Buffer[] {
    const passing = new Passages(bytes);
    let at = 0;
    while (at < bytes.length && !this.#isGarbage) {
      const start = at;
      if (this.isBetweenMessages) {
        at = this.#begin(bytes, at, passes(bytes[at] as number), true);
      } else {
        at = this.#goOn(bytes, at);
      }
      if (this.#passes) passing.add(start, at);
    }
    if (this.#isGarbage) passing.add(at, bytes.length);
    return passing.all;
  }

  /**
   * What passes of a chunk, by decisions on messages that have come as a whole. What is garbage is
   * held: see takeHeld.
   */
  judge(chunk: Buffer, decide: Decide): Buffer[] {
    const bytes = this.#afterHeld(chunk);
    const { length } = bytes;
    const passing = new Passages(bytes);
    let at = 0;
    if (!this.isBetweenMessages) {
      at = this.#goOn(bytes, 0);
      if (this.#passes) passing.add(0, at);
    }
    while (length - at >= headLength && !this.#isGarbage) {
      const end = endOfMessage(bytes, at);
      if (end < 0) this.#isGarbage = true;
      const type = bytes[at] as number;
      const waits = this.#matters[type] === 1 && length - at < mostHeld;
      if (end < 0 || (end > length && waits)) break;
      const { before, passes } = decide(type, bytes, at, Math.min(end, length));
      passing.insert(before);
      if (passes) passing.add(at, Math.min(end, length));
      if (end > length) this.#begin(bytes, at, passes, false);
      at = Math.min(end, length);
    }
    // The chunk is not ours to keep.
    if (at < length) this.#held = Buffer.from(bytes.subarray(at));
    return passing.all;
  }

  takeHeld(): Buffer {
    const held = this.#held;
    this.#held = nothing;
    return held;
  }

  /** Reads to the end of a message that has begun to pass. @returns where that is */
  finish(bytes: Buffer): number {
    return this.#goOn(bytes, 0);
  }

  #afterHeld(chunk: Buffer): Buffer {
    return this.#held.length === 0 ? chunk : Buffer.concat([this.takeHeld(), chunk]);
  }

  /** Reads the first message, as far as it has come. @returns where to read on */
  #begin(bytes: Buffer, at: number, passes: boolean, isTold: boolean): number {
    this.#passes = passes;
    this.#isTold = isTold;
    return this.#readHead(bytes, at);
  }

  #goOn(bytes: Buffer, at: number): number {
    return this.#headRead > 0 ? this.#readHead(bytes, at) : this.#readBody(bytes, at);
  }

  #readHead(bytes: Buffer, at: number): number {
    if (this.#head === nothing) this.#head = Buffer.alloc(headLength);
    const copied = bytes.copy(this.#head, this.#headRead, at);
    this.#headRead += copied;
    if (this.#headRead < headLength) return at + copied;
    this.#headRead = 0;
    this.#type = this.#head[0] as number;
    const end = endOfMessage(this.#head, 0);
    this.#isGarbage = end < 0;
    if (end < 0) return at + copied;
    this.#left = end - headLength;
    return this.#readBody(bytes, at + copied);
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    const isWhole = end - at === this.#left;
    this.#left -= end - at;
    if (this.#matters[this.#type] === 0 || !this.#isTold) return end;
    if (isWhole && this.#body.length === 0) {
      this.#onMessage(this.#type, bytes, at, end);
      return end;
    }
    if (this.#bodyRead < mostBytes) {
      this.#body.push(Buffer.from(bytes.subarray(at, Math.min(end, at + mostBytes))));
      this.#bodyRead += end - at;
    }
    if (isWhole) {
      const body = Buffer.concat(this.#body);
      this.#body = [];
      this.#bodyRead = 0;
      this.#onMessage(this.#type, body, 0, body.length);
    }
    return end;
  }
}

const tables = new Map<readonly number[], Uint8Array>();

/** One for all streams of a kind: there may be thousands. */
function tableOf(matters: readonly number[]): Uint8Array {
  const known = tables.get(matters);
  if (known) return known;
  const table = new Uint8Array(256);
  for (const type of matters) table[type] = 1;
  tables.set(matters, table);
  return table;
}

/** -1 if none can have that length. */
function endOfMessage(bytes: Buffer, start: number): number {
  const length = bytes.readInt32BE(start + 1);
  return length < headLength - 1 || length > longest ? -1 : start + 1 + length;
}
