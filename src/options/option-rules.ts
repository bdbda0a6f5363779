import { readdirSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import {
  boolean,
  expected,
  isObject,
  oneOf,
  type Rule,
  type Ruled,
  suggestion,
  text,
  wholeNumber,
} from '../base/rules';
import { reservedRoles } from '../cluster/roles';
import { isOwnSetting } from '../cluster/settings/settings';
import { engineKinds } from '../engine/registry';
import type { PgClusterOptions, SlaveOptions } from './options';

export type OptionKey = keyof PgClusterOptions;

/** What each option takes. */
export const rules: Readonly<Record<OptionKey, Rule>> = {
  engine: oneOf('auto', ...engineKinds),
  slaves,
  synchronous: wholeNumber(0, 15),
  version: wholeNumber(13, 99),
  image: text(255, /^[^\s]+$/, 'a non-empty string without white space'),
  binDir: path,
  cacheDir: path,
  networkFaults: boolean,
  publishOn: address,
  // pg reads a URL's path with decodeURI, which cannot give these two back.
  database: identifier(/[?#]/),
  user: identifier(undefined, reservedRoles),
  password,
  settings,
  init,
  basePort: wholeNumber(1, 65_535),
  diskLimitMb: wholeNumber(64, 65_536),
  dataLimitMb: wholeNumber(64, 1_048_576),
  lifetime: oneOf('file', 'worker'),
  isolation: oneOf('file', 'test'),
  heal: boolean,
  logs: oneOf('on-failure', 'always', 'never'),
  startTimeoutMs: wholeNumber(1, 3_600_000),
};

export const optionKeys = Object.keys(rules) as readonly OptionKey[];

/** A name as PostgreSQL takes it between double quotes: 63 bytes, longer ones would be cut. */
function identifier(forbidden?: RegExp, reserved: readonly string[] = []): Rule {
  return (value) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    if (typeof value !== 'string' || value === '' || /[\x00-\x1f\x7f]/.test(value)) {
      return expected('a non-empty string without control characters', value);
    }
    const bytes = Buffer.byteLength(value);
    if (bytes > 63) {
      return { problem: `has ${bytes} bytes, but PostgreSQL's names have at most 63` };
    }
    if (forbidden?.test(value)) {
      return expected('free of the characters ? and #, which no URL can carry to pg', value);
    }
    if (reserved.includes(value)) {
      return { problem: `cannot be ${JSON.stringify(value)}: the cluster itself needs that role` };
    }
    return { value };
  };
}

/** Unlike the others it does not tell what was given. */
function password(value: unknown): Ruled {
  const isFine = typeof value === 'string' && /^[^\0]{1,1000}$/.test(value);
  return isFine
    ? { value }
    : { problem: 'must be a non-empty string without NUL of at most 1000 characters' };
}

const slaveRules: Readonly<Record<keyof SlaveOptions, Rule>> = {
  upstream: (value) => ({ value }),
  replayDelayMs: wholeNumber(0, 2_147_483_647),
  synchronous: boolean,
  slot: boolean,
  settings,
};

/** A number becomes as many slaves without wishes. */
function slaves(value: unknown): Ruled {
  if (!Array.isArray(value)) {
    const count = wholeNumber(0, 15)(value, '');
    return 'value' in count
      ? { value: Array.from({ length: value as number }, () => ({})) }
      : expected('a whole number from 0 to 15, or an array of slaves', value);
  }
  if (value.length > 15) return { problem: `has ${value.length} slaves, but 15 is the most` };
  const problems = value.flatMap((slave, index) => slaveProblems(slave, index, `[${index}]`));
  return problems.length > 0
    ? { problem: problems.join('; slaves') }
    : { value: value.map((slave) => Object.freeze({ ...slave })) };
}

/**
 * Problems of one slave, each of which begins with its name.
 * @param index among the slaves
 */
export function slaveProblems(slave: unknown, index: number, name: string): string[] {
  const before = name === '' ? '' : `${name} `;
  const of = name === '' ? '' : `${name}.`;
  if (!isObject(slave)) {
    return [`${before}must be an object like { "slot": true }, not ${inspect(slave)}`];
  }
  const known = Object.keys(slaveRules);
  return Object.entries(slave).flatMap(([key, value]) => {
    if (!known.includes(key))
      return [`${before}has an unknown key "${key}".${suggestion(key, known)}`];
    if (key === 'upstream' && !isEarlierNode(value, index)) {
      const earlier = Array.from({ length: index + 1 }, (_, other) => `'pg${other}'`).join(' or ');
      return [`${of}upstream must be ${earlier}, a node before it, not ${inspect(value)}`];
    }
    const result = slaveRules[key as keyof SlaveOptions](value, '');
    return 'problem' in result ? [`${of}${key} ${result.problem}`] : [];
  });
}

/** The slave with this index will be pg<index + 1>. */
function isEarlierNode(value: unknown, index: number): boolean {
  const match = typeof value === 'string' ? /^pg(\d+)$/.exec(value) : null;
  return match !== null && Number(match[1]) <= index;
}

function settings(value: unknown): Ruled {
  if (!isObject(value)) {
    return expected('an object like { "work_mem": "8MB" }', value);
  }
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(value)) {
    if (!/^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)*$/i.test(name)) {
      problems.push(`has the name ${JSON.stringify(name)}, which is no name of a setting`);
    } else if (isOwnSetting(name)) {
      problems.push(`cannot have ${name}: the environment sets it itself`);
    } else if (!['string', 'number', 'boolean'].includes(typeof setting)) {
      problems.push(`has ${name}: ${inspect(setting)}, but it takes a string, number or boolean`);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    } else if (typeof setting === 'string' && /[\x00\n\r]/.test(setting)) {
      problems.push(`has ${name} with a line break or NUL, which postgresql.conf cannot hold`);
    } else if (typeof setting === 'number' && !Number.isFinite(setting)) {
      problems.push(`has ${name}: ${setting}, which is no finite number`);
    }
  }
  return problems.length > 0 ? { problem: problems.join('; settings ') } : { value };
}

/** One that URLs can have in them, of one network. */
function address(value: unknown): Ruled {
  return typeof value === 'string' && isIPv4(value) && value !== '0.0.0.0'
    ? { value }
    : expected("an IPv4 address of the engine's machine, such as '10.0.0.5'", value);
}

/** Need not be there: who uses it says what is wrong with it. */
function path(value: unknown, rootDir: string): Ruled {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
    ? { value: absolute(value, rootDir) }
    : expected('the path of a folder', value);
}

function absolute(given: string, rootDir: string): string {
  return resolve(rootDir, given.replace(/^<rootDir>[\\/]?/, ''));
}

/** Files stay as they are; a folder becomes its .sql files in name order. */
function init(value: unknown, rootDir: string): Ruled {
  const paths = Array.isArray(value) ? value : [value];
  if (!paths.every((path) => typeof path === 'string' && /^[^\0]+$/.test(path))) {
    return expected('the path of an SQL file or folder, or an array of them', value);
  }
  const files: string[] = [];
  const problems: string[] = [];
  for (const given of paths as string[]) {
    const path = absolute(given, rootDir);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) {
      files.push(path);
    } else if (stat?.isDirectory()) {
      const found = readdirSync(path).filter((name) => name.endsWith('.sql'));
      if (found.length === 0) problems.push(`names the folder ${path}, which holds no .sql file`);
      files.push(...found.sort().map((name) => join(path, name)));
    } else {
      problems.push(`names ${JSON.stringify(given)}, but there is no file or folder at ${path}`);
    }
  }
  return problems.length > 0 ? { problem: problems.join('; init ') } : { value: files };
}
