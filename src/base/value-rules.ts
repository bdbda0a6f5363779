import { inspect, stripVTControlCharacters } from 'node:util';
import type * as JestValidate from 'jest-validate';

/** Loaded when it is asked for: most options are spelt as they should be. */
const jestValidate = (): typeof JestValidate => require('jest-validate');

/** A valid value, or a problem that completes "<name> …". */
export type Ruled<T = unknown> = { value: T } | { problem: string };
/** Checks what was given for one option or argument. */
export type Rule<T = unknown> = (value: unknown, rootDir: string) => Ruled<T>;

/** " Did you mean …?", or nothing when no known word is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const text = jestValidate().createDidYouMeanMessage(word, [...known]);
  // Jest colours the word for terminals, but error messages are read in many other places.
  const plain = stripVTControlCharacters(text).trim();
  return plain === '' ? ` Known are ${known.join(', ')}.` : ` ${plain}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function expected(what: string, value: unknown): { problem: string } {
  return { problem: `must be ${what}, not ${inspect(value, { breakLength: Infinity, depth: 1 })}` };
}

export function oneOf<const T extends string>(...allowed: T[]): Rule<T> {
  const what = allowed.map((word) => `'${word}'`).join(' or ');
  return (value) => (isOneOf(allowed, value) ? { value } : expected(what, value));
}

function isOneOf<T extends string>(allowed: readonly T[], value: unknown): value is T {
  return (allowed as readonly unknown[]).includes(value);
}

export function wholeNumber(min: number, max: number): Rule<number> {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? { value }
      : expected(`a whole number from ${min} to ${max}`, value);
}

export function boolean(value: unknown): Ruled<boolean> {
  return typeof value === 'boolean' ? { value } : expected('true or false', value);
}

export function text(maxLength: number, pattern: RegExp, what: string): Rule<string> {
  return (value) =>
    typeof value === 'string' && pattern.test(value) && value.length <= maxLength
      ? { value }
      : expected(`${what} of at most ${maxLength} characters`, value);
}
