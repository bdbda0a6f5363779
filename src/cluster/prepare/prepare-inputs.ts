import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type * as TinyGlobby from 'tinyglobby';
import { contentHash } from '../../base/content-hash';
import type { PrepareSpec } from '../cluster-spec';

/** Loaded when it is asked for: most clusters have nothing to be prepared from. */
const tinyglobby = (): typeof TinyGlobby => require('tinyglobby');

/** Counted up when the same inputs make something else. */
const edition = 1;
/** One of these says which versions of the tools run. */
const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
];
/** Installed packages are told by the lock file. */
const never = ['**/node_modules/**', '**/.git/**'];

/** Absolute paths of the files that match a glob; a folder stands for all that is in it. */
export function filesOf(glob: string, without: readonly string[], directory: string): string[] {
  return tinyglobby().globSync([glob], {
    cwd: directory,
    ignore: [...never, ...without],
    absolute: true,
    dot: true,
  });
}

/** Changes with everything that the option `prepare` names, and with the versions of packages. */
export function preparationHash({ run, inputs, directory }: PrepareSpec): string {
  const files = [...('script' in run ? [run.script] : []), ...(inputs ?? [])];
  return contentHash({
    edition,
    run: 'script' in run ? 'script' : run.command,
    files: files.map((file) => [file, hashOf(resolve(directory, file))]),
    locks: locksOf(directory).map(hashOf),
  });
}

/** Those in the folder itself, or in the nearest one above that has some. */
function locksOf(directory: string): string[] {
  const here = lockFiles.map((name) => join(directory, name)).filter(existsSync);
  const above = dirname(directory);
  return here.length > 0 || above === directory ? here : locksOf(above);
}

/** What was read once need not be read again for each test file, unless it has changed. */
const known = new Map<string, { readonly as: string; readonly hash: string }>();

function hashOf(path: string): string {
  const { ino, size, mtimeMs, ctimeMs } = statSync(path);
  const as = [ino, size, mtimeMs, ctimeMs].join(' ');
  const before = known.get(path);
  if (before?.as === as) return before.hash;
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
  known.set(path, { as, hash });
  return hash;
}
