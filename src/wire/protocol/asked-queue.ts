import type { Asked } from './asked';

/** Many more than clients ask for ahead of the answers. */
const most = 100_000;

/** What the server has to answer, in order: in the end it answers each, or skips it. */
export class AskedQueue {
  readonly #all: Asked[] = [];
  #start = 0;
  #taken = 0;

  get first(): Asked | undefined {
    return this.#all[this.#start];
  }

  get length(): number {
    return this.#all.length - this.#start;
  }

  get isTooLong(): boolean {
    return this.length > most;
  }

  /** How many were taken ever. */
  get taken(): number {
    return this.#taken;
  }

  add(asked: Asked): void {
    this.#all.push(asked);
  }

  take(): Asked | undefined {
    const first = this.#all[this.#start];
    if (first === undefined) return undefined;
    this.#taken += 1;
    this.#start += 1;
    if (this.#start === this.#all.length) {
      this.#all.length = 0;
      this.#start = 0;
    } else if (this.#start === 1024) {
      this.#all.splice(0, this.#start);
      this.#start = 0;
    }
    return first;
  }

  /** From the first on. */
  *[Symbol.iterator](): Iterator<Asked> {
    for (let at = this.#start; at < this.#all.length; at += 1) yield this.#all[at] as Asked;
  }

  /** How many at the end are like that. */
  countAtEnd(isLike: (asked: Asked) => boolean): number {
    let at = this.#all.length;
    while (at > this.#start && isLike(this.#all[at - 1] as Asked)) at -= 1;
    return this.#all.length - at;
  }

  /** Takes out those of a type that come before one of another type. @returns that one */
  removeBefore(until: number, by: number): Asked | undefined {
    const rest = this.#all.splice(this.#start);
    const found = rest.findIndex((asked) => asked.by === until);
    const end = found < 0 ? rest.length : found;
    const kept = rest.filter((asked, index) => index >= end || asked.by !== by);
    for (const asked of kept) this.#all.push(asked);
    return rest[found];
  }
}
