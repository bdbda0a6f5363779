import { inspect, types } from 'node:util';
import { PgClusterError } from '../base/errors';
import { expected, isObject, type Rule, suggestion } from '../base/value-rules';

/** One parameter of a method: a value, or an object of options. */
export type Parameter =
  | { readonly name: string; readonly rule: Rule; readonly isOptional: boolean }
  | { readonly rules: Readonly<Record<string, Rule>> };

type MethodsOf<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T];

/** What each method takes. A method that is not listed does not compile. */
export type Signatures<T> = Readonly<Record<MethodsOf<T> & string, readonly Parameter[]>>;

/**
 * The same object, whose methods check all arguments before they do anything, and refuse what they do
 * not know.
 *
 * @throws `ERR_PG_CLUSTER_ARGUMENT` that lists every problem; asynchronous methods reject with it
 */
export function checked<T extends object>(source: T, signatures: Signatures<T>): T {
  const known: Readonly<Record<string, readonly Parameter[]>> = signatures;
  const properties = Object.entries(Object.getOwnPropertyDescriptors(source));
  return Object.defineProperties(
    {},
    Object.fromEntries(
      properties.map(([name, property]) => {
        const parameters = known[name];
        if (!parameters) return [name, property];
        return [name, { ...property, value: checkedMethod(name, property.value, parameters) }];
      }),
    ),
  ) as T;
}

type Method = (...args: unknown[]) => unknown;

function checkedMethod(name: string, method: Method, parameters: readonly Parameter[]): Method {
  const check = (args: readonly unknown[]) => {
    const problems = problemsOf(args, parameters);
    if (problems.length === 0) return;
    throw new PgClusterError('ERR_PG_CLUSTER_ARGUMENT', `${name}(): ${problems.join('; ')}`);
  };
  if (types.isAsyncFunction(method)) {
    return async (...args) => {
      check(args);
      return method(...args);
    };
  }
  return (...args) => {
    check(args);
    return method(...args);
  };
}

function problemsOf(args: readonly unknown[], parameters: readonly Parameter[]): string[] {
  const problems = parameters.flatMap((parameter, index) => {
    const given = args[index];
    if ('rules' in parameter) return problemsOfOptions(parameter.rules, given);
    const { name, rule, isOptional } = parameter;
    return isOptional && given === undefined ? [] : problemOf(name, rule, given);
  });
  const [extra] = args.slice(parameters.length).filter((given) => given !== undefined);
  if (extra === undefined) return problems;
  const most = parameters.length;
  const takes = most === 0 ? 'no arguments' : most === 1 ? 'one argument' : `${most} arguments`;
  return [...problems, `it takes ${takes}, and got ${inspect(extra, { depth: 0 })} besides`];
}

/** All options may be left out, and so may the object. */
function problemsOfOptions(rules: Readonly<Record<string, Rule>>, given: unknown): string[] {
  if (given === undefined) return [];
  if (!isObject(given)) return [`its options ${expected('an object', given).problem}`];
  return Object.entries(given).flatMap(([key, value]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (!rule) return [`unknown option "${key}".${suggestion(key, Object.keys(rules))}`];
    return value === undefined ? [] : problemOf(key, rule, value);
  });
}

/** For values that are checked elsewhere: whether a node belongs to this cluster, say. */
export const anything: Rule = (value) => ({ value });

export const array: Rule = (value) =>
  Array.isArray(value) && value.length > 0
    ? { value }
    : expected('an array with at least one element', value);

function problemOf(name: string, rule: Rule, value: unknown): string[] {
  const result = rule(value, '');
  return 'problem' in result ? [`${name} ${result.problem}`] : [];
}
