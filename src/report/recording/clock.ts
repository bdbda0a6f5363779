import type { Moment } from '../records';

/** The clock of one recording, which never goes back. */
export class RecordingClock {
  /** Milliseconds since the epoch when it was 0. */
  readonly startedAt = Date.now();
  readonly #origin = performance.now();

  get now(): Moment {
    return performance.now() - this.#origin;
  }

  /** @param at milliseconds since the epoch, not long ago: the clock of these may be set meanwhile */
  momentOf(at: number): Moment {
    return this.now - (Date.now() - at);
  }
}
