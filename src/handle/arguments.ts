import { inspect, types } from 'node:util';
import { PgClusterError } from '../base/errors';
import { expected, isObject, type Rule, suggestion } from '../base/value-rules';
import type { Parameter } from './parameters';

type MethodsOf<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T];

/** Every method of a handle: which arguments it takes, none by default, and what it does. */
export type Methods<T> = {
  readonly [K in MethodsOf<T>]: { readonly takes?: readonly Parameter[]; readonly does: T[K] };
};

/**
 * An object with these properties and methods. The methods check all arguments before they do
 * anything, and refuse what they do not know.
 *
 * @throws `ERR_PG_CLUSTER_ARGUMENT` that lists every problem; asynchronous methods reject with it
 */
export function withMethods<T extends object>(
  properties: Omit<T, MethodsOf<T>>,
  methods: Methods<T>,
): T {
  const given = Object.entries(methods) as [
    string,
    { takes?: readonly Parameter[]; does: Method },
  ][];
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(properties),
      ...Object.fromEntries(
        given.map(([name, { takes = [], does }]) => {
          return [
            name,
            { value: checkedMethod(name, does, takes), enumerable: true, writable: true },
          ];
        }),
      ),
    },
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
    if ('each' in parameter) {
      const { name, each } = parameter;
      return args.slice(index).flatMap((given) => problemOf(name, each, given));
    }
    const given = args[index];
    if ('rules' in parameter) return problemsOfOptions(parameter.rules, given);
    const { name, rule, isOptional } = parameter;
    return isOptional && given === undefined ? [] : problemOf(name, rule, given);
  });
  if (parameters.some((parameter) => 'each' in parameter)) return problems;
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

function problemOf(name: string, rule: Rule, value: unknown): string[] {
  const result = rule(value, '');
  return 'problem' in result ? [`${name} ${result.problem}`] : [];
}
