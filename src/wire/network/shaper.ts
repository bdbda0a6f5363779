import type { Throttle } from '../requests';

const pieceMs = 20;

/** The pace of one direction in front of a node, shared by its connections. */
export class Shaper {
  readonly #delayMs: number;
  readonly #jitterMs: number;
  readonly #bytesPerMs: number;
  readonly #random = randoms(1);
  /** So much passes at once, if it is slow: the rest of a chunk follows. */
  readonly pieceBytes: number;
  /** When all that was sent so far is on its way. */
  #sentAt = 0;

  constructor({ latencyMs, jitterMs, bytesPerSecond }: Omit<Throttle, 'from'>) {
    // A round trip passes twice.
    this.#delayMs = latencyMs / 2;
    this.#jitterMs = jitterMs / 2;
    this.#bytesPerMs = bytesPerSecond === null ? Number.POSITIVE_INFINITY : bytesPerSecond / 1000;
    this.pieceBytes = Math.max(1, Math.floor(this.#bytesPerMs * pieceMs));
  }

  /**
   * When that many bytes arrive that are sent now, on the clock of performance.now().
   * @param after when what precedes them on their connection arrives: nothing overtakes
   */
  timeFor(bytes: number, after: number): number {
    const now = performance.now();
    this.#sentAt = Math.max(now, this.#sentAt) + bytes / this.#bytesPerMs;
    const jitterMs = (this.#random() * 2 - 1) * this.#jitterMs;
    return Math.max(after, this.#sentAt + Math.max(0, this.#delayMs + jitterMs));
  }
}

/** Numbers from 0 to 1, the same ones each time: mulberry32, by Tommy Ettinger. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
