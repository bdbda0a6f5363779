import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expected, type Ruled } from '../base/value-rules';

/** A folder, which need not exist: what uses it says what is wrong with it. */
export function folderRule(value: unknown, rootDir: string): Ruled<string> {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
    ? { value: absolute(value, rootDir) }
    : expected('the path of a folder', value);
}

/** Files stay as they are; a folder becomes its .sql files in name order. */
export function sqlFilesRule(value: unknown, rootDir: string): Ruled<readonly string[]> {
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  if (!paths.every(isPath)) {
    return expected('the path of an SQL file or folder, or an array of them', value);
  }
  const files: string[] = [];
  const problems: string[] = [];
  for (const given of paths) {
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
  return problems.length > 0
    ? { problem: problems.join('; init ') }
    : { value: Object.freeze(files) };
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && /^[^\0]+$/.test(value);
}

function absolute(given: string, rootDir: string): string {
  return resolve(rootDir, given.replace(/^<rootDir>[\\/]?/, ''));
}
