import { statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';
import {
  expected,
  isObject,
  type Rule,
  type Ruled,
  suggestion,
  wholeNumber,
} from '../../base/value-rules';
import type { PrepareSpec } from '../cluster-spec';
import { filesOf } from './prepare-inputs';

/** The option `prepare`, where it is no plain command. */
export interface PrepareOptions {
  /** A command line, for the shell that npm scripts use. */
  command?: string;
  /** In its place, a module, relative to `rootDir`: its default export gets `{ url, client }`. */
  script?: string;
  /** Globs of the files that it depends on, relative to `rootDir`; `!` takes some out. */
  inputs?: string | readonly string[] | undefined;
  /** How long it may take, in milliseconds. @default 600000 */
  timeoutMs?: number;
}

const defaultTimeoutMs = 600_000;
const shape = "{ command: 'npx prisma migrate deploy', inputs: ['prisma/**'] }";
const known = ['command', 'script', 'inputs', 'timeoutMs'];

/** The option `prepare`. */
export function prepareRule(value: unknown, rootDir: string): Ruled<PrepareSpec> {
  const given = typeof value === 'string' ? { command: value } : value;
  if (!isObject(given)) return expected(`a command, or an object like ${shape}`, value);
  const { command, script, inputs, timeoutMs } = given;
  const problems = Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => `has an unknown key "${key}".${suggestion(key, known)}`);
  const took = <T>(key: string, rule: Rule<T>, part: unknown): T | undefined => {
    if (part === undefined || part === null) return undefined;
    const result = rule(part, rootDir);
    if ('value' in result) return result.value;
    problems.push(`has ${key}, which ${result.problem}`);
    return undefined;
  };
  if ((command === undefined) === (script === undefined)) {
    problems.push(`must have either command or script, as in ${shape}`);
  }
  const run = took('command', commandRule, command) ?? took('script', scriptRule, script);
  const files = took('inputs', inputsRule, inputs);
  const limit = took('timeoutMs', wholeNumber(1, 7_200_000), timeoutMs) ?? defaultTimeoutMs;
  if (problems.length > 0 || !run) return { problem: problems.join('; prepare ') };
  return {
    value: Object.freeze({ run, inputs: files, timeoutMs: limit, directory: rootDir }),
  };
}

function commandRule(value: unknown): Ruled<PrepareSpec['run']> {
  return typeof value === 'string' && /\S/.test(value) && !value.includes('\0')
    ? { value: Object.freeze({ command: value }) }
    : expected('a command line', value);
}

function scriptRule(value: unknown, rootDir: string): Ruled<PrepareSpec['run']> {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    return expected('the path of a module', value);
  }
  const path = resolve(rootDir, value.replace(/^<rootDir>[\\/]?/, ''));
  return statSync(path, { throwIfNoEntry: false })?.isFile()
    ? { value: Object.freeze({ script: path }) }
    : { problem: `names ${inspect(value)}, but there is no file at ${path}` };
}

/** Globs, each of which matches something: a pattern with a mistake in it would go unnoticed. */
function inputsRule(value: unknown, rootDir: string): Ruled<readonly string[]> {
  const globs: unknown[] = Array.isArray(value) ? value : [value];
  if (!globs.every((glob) => typeof glob === 'string' && glob !== '' && !glob.includes('\0'))) {
    return expected("globs like 'prisma/**'", value);
  }
  const patterns = (globs as string[]).map((glob) => glob.replace(/^(!?)<rootDir>[\\/]?/, '$1'));
  const wanted = patterns.filter((glob) => !glob.startsWith('!'));
  const without = patterns.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const found = wanted.map((glob) => ({ glob, files: filesOf(glob, without, rootDir) }));
  const empty = found.filter(({ files }) => files.length === 0).map(({ glob }) => inspect(glob));
  if (empty.length > 0) {
    return { problem: `has ${empty.join(' and ')}, which no file in ${rootDir} matches` };
  }
  const files = new Set(found.flatMap((one) => one.files));
  return { value: Object.freeze([...files].sort().map((file) => relative(rootDir, file))) };
}
