import { expected, type Rule, wholeNumber } from '../base/value-rules';

/** One parameter of a method: a value, or an object of options. */
export type Parameter =
  | { readonly name: string; readonly rule: Rule; readonly isOptional: boolean }
  | { readonly rules: Readonly<Record<string, Rule>> }
  /** All that follow. */
  | { readonly name: string; readonly each: Rule };

export function needs(name: string, rule: Rule): Parameter {
  return { name, rule, isOptional: false };
}

export function may(name: string, rule: Rule): Parameter {
  return { name, rule, isOptional: true };
}

/** Any number of values, as the last parameter. */
export function rest(name: string, each: Rule): Parameter {
  return { name, each };
}

/** All options may be left out, and so may the object. */
export function options(rules: Readonly<Record<string, Rule>>): Parameter {
  return { rules };
}

/** For values that are checked elsewhere: whether a node belongs to this cluster, say. */
export const anything: Rule = (value) => ({ value });

export const array: Rule = (value) =>
  Array.isArray(value) ? { value } : expected('an array', value);

export const filledArray: Rule = (value) =>
  Array.isArray(value) && value.length > 0
    ? { value }
    : expected('an array with at least one element', value);

const dayMs = 86_400_000;
export const timeoutMs = wholeNumber(0, dayMs);
