import { PgClusterError } from '../errors';
import { expected, isObject, type Rule, suggestion } from '../rules';

/**
 * Looks at an argument of a handle's method before anything is done.
 *
 * @throws `ERR_PG_CLUSTER_ARGUMENT`
 * @example
 * requireArgument('stop', 'mode', stopMode, mode);
 */
export function requireArgument(method: string, name: string, rule: Rule, value: unknown): void {
  refuse(method, problemOf(name, rule, value));
}

/**
 * The same for an object of options, of which none has to be given; `undefined` is an empty one.
 *
 * @throws `ERR_PG_CLUSTER_ARGUMENT` that lists every problem
 */
export function requireOptions<T extends object>(
  method: string,
  rules: Readonly<Record<keyof T & string, Rule>>,
  given: T | undefined,
): void {
  if (given === undefined) return;
  if (!isObject(given)) {
    const { problem } = expected('an object', given);
    refuse(method, [`its options ${problem}`]);
  }
  const known: Readonly<Record<string, Rule>> = rules;
  refuse(
    method,
    Object.entries(given).flatMap(([key, value]) => {
      const rule = Object.hasOwn(known, key) ? known[key] : undefined;
      if (!rule) return [`unknown option "${key}".${suggestion(key, Object.keys(known))}`];
      return value === undefined ? [] : problemOf(key, rule, value);
    }),
  );
}

/** For what is looked at elsewhere: nodes have to be of this cluster. */
export const anything: Rule = (value) => ({ value });

export const array: Rule = (value) =>
  Array.isArray(value) && value.length > 0
    ? { value }
    : expected('an array with at least one element', value);

function problemOf(name: string, rule: Rule, value: unknown): string[] {
  const result = rule(value, '');
  return 'problem' in result ? [`${name} ${result.problem}`] : [];
}

function refuse(method: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new PgClusterError('ERR_PG_CLUSTER_ARGUMENT', `${method}(): ${problems.join('; ')}`);
}
