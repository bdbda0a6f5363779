/** Parts of a chunk that pass, joined where they touch. */
export class Passages {
  readonly #bytes: Buffer;
  readonly #all: Buffer[] = [];
  #start = 0;
  #end = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get all(): Buffer[] {
    this.insert([]);
    return this.#all;
  }

  add(start: number, end: number): void {
    if (start !== this.#end) {
      this.insert([]);
      this.#start = start;
    }
    this.#end = end;
  }

  insert(others: readonly Buffer[]): void {
    if (this.#end > this.#start) this.#all.push(this.#bytes.subarray(this.#start, this.#end));
    this.#start = this.#end;
    for (const other of others) this.#all.push(other);
  }
}
