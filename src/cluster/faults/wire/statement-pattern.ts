import { types } from 'node:util';
import { expected, type Rule } from '../../../base/value-rules';
import type { Pattern } from '../../../wire/requests';

/** What statements are chosen by: a regular expression, of any realm, or a text. */
export const statement: Rule = (value) =>
  types.isRegExp(value) || (typeof value === 'string' && /\S/.test(value))
    ? { value }
    : expected('a regular expression, or a text that is not empty', value);

/** For the wire. Where the last match ended is of no interest. */
export function patternOf(given: RegExp | string): Pattern {
  return typeof given === 'string'
    ? { text: given }
    : { source: given.source, flags: given.flags.replace(/[gy]/g, '') };
}

/** For messages. */
export function inWords(given: RegExp | string): string {
  return typeof given === 'string' ? `“${given}”` : String(given);
}
