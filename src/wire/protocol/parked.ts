import type { Asked } from './asked';

/** More than that would be kept for too long. */
const mostBytes = 4 * 1024 * 1024;

interface ParkedMessage {
  readonly asked: Asked | undefined;
  readonly bytes: Buffer;
}

/** A client's messages that wait until it is certain that no trap catches what they prepare. */
export class Parked {
  #messages: ParkedMessage[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** @returns whether there was room for it */
  add(asked: Asked | undefined, message: Buffer): boolean {
    if (this.#bytes + message.length > mostBytes) return false;
    // The chunk is not ours to keep.
    this.#messages.push({ asked, bytes: Buffer.from(message) });
    this.#bytes += message.length;
    return true;
  }

  /** All that is parked, which then is parked no more. */
  take(): ParkedMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }
}
