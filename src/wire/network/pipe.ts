import type { Socket } from 'node:net';
import type { Passing } from '../protocol/session';
import { collectAfter } from './collect';
import type { Shaper } from './shaper';

/** How much may wait in a slowed direction before its sender has to wait. */
const waitingBytes = 1024 * 1024;

/**
 * One direction of a connection: what comes from one socket goes to the other, at the pace of the
 * slower one, so it never holds more than a few chunks. The end of the one ends the other.
 */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pass: ((chunk: Buffer) => Passing) | undefined;
  readonly #shaper: () => Shaper | undefined;
  readonly #waiting: { readonly bytes: Buffer; at: number }[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  #isHeld = true;
  #isClosed = false;

  /**
   * @param pass what passes on of a chunk; if undefined, all
   * @param shaper that of this direction, if it is slowed now
   */
  constructor(o: {
    from: Socket;
    to: Socket;
    pass?: ((chunk: Buffer) => Passing) | undefined;
    shaper: () => Shaper | undefined;
  }) {
    this.#from = o.from;
    this.#to = o.to;
    this.#pass = o.pass;
    this.#shaper = o.shaper;
    o.from.on('data', (chunk: Buffer) => this.#take(chunk));
    o.from.on('end', () => this.#end());
    o.to.on('drain', () => this.#resume());
  }

  /** Nothing passes while it is held, as it is at first. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (isHeld) {
      this.#from.pause();
      clearTimeout(this.#timer);
    } else {
      this.#flush();
      this.#resume();
    }
  }

  /** Nothing passes any more; what comes is dropped. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  /** What waits only because it was slowed goes on now. */
  hurry(): void {
    for (const one of this.#waiting) one.at = 0;
    this.#flush();
  }

  #take(chunk: Buffer): void {
    collectAfter(chunk.length);
    if (this.#isClosed) return;
    const passing = this.#pass ? this.#pass(chunk) : chunk;
    if (Buffer.isBuffer(passing)) this.send(passing);
    else for (const bytes of passing) this.send(bytes);
  }

  /** To the other end, after what waits for its turn. */
  send(bytes: Buffer): void {
    const shaper = this.#shaper();
    if (shaper === undefined && this.#waiting.length === 0) {
      if (!this.#to.write(bytes)) this.#from.pause();
      return;
    }
    const size = shaper?.pieceBytes ?? bytes.length;
    for (let start = 0; start < bytes.length; start += size) {
      const piece = bytes.subarray(start, start + size);
      const at = shaper?.timeFor(piece.length, this.#waiting.at(-1)?.at ?? 0) ?? 0;
      this.#waiting.push({ bytes: piece, at });
    }
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > waitingBytes) this.#from.pause();
    this.#schedule();
  }

  #end(): void {
    this.#hasEnded = true;
    if (this.#waiting.length === 0 && !this.#isClosed) this.#to.end();
  }

  #schedule(): void {
    const [first] = this.#waiting;
    if (!first || this.#isHeld || this.#timer) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, first.at - performance.now()));
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isHeld || this.#isClosed) return;
    // Timers fire up to a millisecond early.
    const now = performance.now() + 1;
    let count = 0;
    for (const { bytes, at } of this.#waiting) {
      if (at > now) break;
      this.#to.write(bytes);
      this.#waitingBytes -= bytes.length;
      count += 1;
    }
    this.#waiting.splice(0, count);
    this.#schedule();
    this.#resume();
    if (this.#hasEnded && this.#waiting.length === 0) this.#to.end();
  }

  #resume(): void {
    const isFull = this.#to.writableNeedDrain || this.#waitingBytes > waitingBytes;
    if (!this.#isHeld && !this.#isClosed && !isFull && this.#from.isPaused()) this.#from.resume();
  }
}
