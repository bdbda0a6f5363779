import { readdirSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join, resolve } from 'node:path';
import {
  boolean,
  expected,
  oneOf,
  type Rule,
  type Ruled,
  text,
  wholeNumber,
} from '../base/value-rules';
import { slavesRule } from '../cluster/lifecycle/slave-rules';
import { reservedRoles } from '../cluster/roles';
import { settingsRule } from '../cluster/settings/settings-rule';
import { engineKinds } from '../engine/registry';
import type { PgClusterOptions } from './options';

export type OptionKey = keyof PgClusterOptions;

/** What each option takes. */
export const rules: Readonly<Record<OptionKey, Rule>> = {
  engine: oneOf('auto', ...engineKinds),
  slaves: slavesRule,
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
  settings: settingsRule,
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
