/** Texts are kept up to here. */
const mostText = 64 * 1024;
const mostParameters = 100;
const mostParameterBytes = 1024;
/** Of a Bind message, whose result formats may follow. */
const mostBytes = 16 * 1024;

/** Where the text that begins here has its zero byte; the end, if it has none. */
export function endOfText(bytes: Buffer, start: number, end: number): number {
  // Most names are empty.
  if (bytes[start] === 0) return start;
  const zero = bytes.indexOf(0, start);
  return zero < 0 || zero > end ? end : zero;
}

/** A text that ends with a zero byte; of a longer one the beginning. */
export function textAt(bytes: Buffer, start: number, end: number, most = mostText): string {
  const zero = endOfText(bytes, start, end);
  if (zero <= start) return '';
  if (zero < end && zero - start <= most) return bytes.toString('utf8', start, zero);
  return `${bytes.toString('utf8', start, Math.min(zero, start + most))}…`;
}

/**
 * A Bind message's parameters, as they came, a character for each byte: many are kept, and a string
 * takes less room than a Buffer. Empty if there are none.
 */
export type Bound = string;

/** @param start where the parameter formats begin */
export function boundBy(bytes: Buffer, start: number, end: number): Bound {
  // No formats, no parameters.
  if (end < start + 4 || bytes.readInt32BE(start) === 0) return '';
  return bytes.toString('latin1', start, Math.min(end, start + mostBytes));
}

/** The parameters as texts: "Bind (F)" in "Message Formats". */
export function parametersOf(bound: Bound): readonly (string | null)[] {
  const reader = new Reader(Buffer.from(bound, 'latin1'), 0);
  const formats = Array.from({ length: reader.uint16() }, () => reader.uint16());
  const count = Math.min(reader.uint16(), mostParameters);
  const parameters: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    if (!reader.hasMore) {
      parameters.push('…');
      continue;
    }
    const length = reader.int32();
    if (length < 0) {
      parameters.push(null);
      continue;
    }
    const value = reader.bytes(length);
    const isBinary = (formats.length === 1 ? formats[0] : formats[index]) === 1;
    const kept = value.subarray(0, mostParameterBytes);
    const text = isBinary ? `\\x${kept.toString('hex')}` : kept.toString('utf8');
    parameters.push(kept.length < length ? `${text}…` : text);
  }
  return parameters;
}

/** Reads numbers; beyond the end there are zeros. */
class Reader {
  readonly #body: Buffer;
  #at: number;

  constructor(body: Buffer, start: number) {
    this.#body = body;
    this.#at = start;
  }

  get hasMore(): boolean {
    return this.#at < this.#body.length;
  }

  uint16(): number {
    this.#at += 2;
    return this.#at <= this.#body.length ? this.#body.readUInt16BE(this.#at - 2) : 0;
  }

  int32(): number {
    this.#at += 4;
    return this.#at <= this.#body.length ? this.#body.readInt32BE(this.#at - 4) : 0;
  }

  bytes(length: number): Buffer {
    const start = this.#at;
    this.#at += length;
    return this.#body.subarray(start, start + length);
  }
}
