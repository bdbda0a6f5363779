import { createHash } from 'node:crypto';
import { types } from 'node:util';

/**
 * A hash of everything in a value, at any depth: two values have the same hash only if they hold
 * the same. The order of an object's keys does not count. A field that is added later counts by
 * itself.
 *
 * @throws TypeError for what has no plain content, such as a function or a Map
 */
export function contentHash(value: unknown): string {
  const hash = createHash('sha256');
  for (const part of partsOf(value)) hash.update(part);
  return hash.digest('hex');
}

/** Each part begins with its kind and length, so no two different values give the same sequence. */
function* partsOf(value: unknown): Generator<string | Uint8Array> {
  if (types.isUint8Array(value)) {
    yield `bytes ${value.length}:`;
    yield value;
  } else if (Array.isArray(value)) {
    yield `array ${value.length}:`;
    for (const element of value) yield* partsOf(element);
  } else if (isPlainObject(value)) {
    const keys = Object.keys(value).sort();
    yield `object ${keys.length}:`;
    for (const key of keys) {
      yield* partsOf(key);
      yield* partsOf(value[key]);
    }
  } else {
    const text = textOf(value);
    yield `${typeof value} ${text.length}:${text}`;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function textOf(value: unknown): string {
  const hasText = ['string', 'number', 'boolean', 'bigint', 'undefined'].includes(typeof value);
  if (hasText || value === null) return String(value);
  throw new TypeError(`a ${typeof value} cannot be hashed by its content`);
}
