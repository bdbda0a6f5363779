import { inspect, stripVTControlCharacters } from 'node:util';
import { createDidYouMeanMessage } from 'jest-validate';

/** A problem completes "<name> …". */
export type Ruled = { value: unknown } | { problem: string };
/** What one option or argument takes. */
export type Rule = (value: unknown, rootDir: string) => Ruled;

/** " Did you mean …?", or nothing when no known word is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const text = createDidYouMeanMessage(word, [...known]);
  // Jest colours the word for terminals; an error message is read in many other places.
  const plain = stripVTControlCharacters(text).trim();
  return plain === '' ? ` Known are ${known.join(', ')}.` : ` ${plain}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function expected(what: string, value: unknown): { problem: string } {
  return { problem: `must be ${what}, not ${inspect(value, { breakLength: Infinity, depth: 1 })}` };
}

export function oneOf(...allowed: string[]): Rule {
  const what = allowed.map((word) => `'${word}'`).join(' or ');
  return (value) =>
    typeof value === 'string' && allowed.includes(value) ? { value } : expected(what, value);
}

export function wholeNumber(min: number, max: number): Rule {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? { value }
      : expected(`a whole number from ${min} to ${max}`, value);
}

export function boolean(value: unknown): Ruled {
  return typeof value === 'boolean' ? { value } : expected('true or false', value);
}

export function text(maxLength: number, pattern: RegExp, what: string): Rule {
  return (value) =>
    typeof value === 'string' && pattern.test(value) && value.length <= maxLength
      ? { value }
      : expected(`${what} of at most ${maxLength} characters`, value);
}
