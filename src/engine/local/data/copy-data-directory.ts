import { copyFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { emptyInClone, emptyInSnapshot, notCopied } from '../../data-directory-rules';
import { run, runWell } from '../system/run-program';
import type { ServerUser } from '../system/server-user';
import { changesIn, type Unpacked } from './changes';
import { type Original, sourcesOf } from './original';

/** On macOS `-c` makes clones where the file system can; GNU's cp makes reflinks by itself. */
const cp = process.platform === 'darwin' ? ['-a', '-c'] : ['-a'];

/**
 * Copies the data directory of a server that is in backup mode. The copy has no WAL: a slave gets
 * that from its upstream, from the position in `backup_label` on.
 */
export async function copyRunning(
  from: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  await copyEntries(from, to, emptyInClone, user, deadline);
  // This comes last: a slave that is copied goes on replaying, and nothing in the copy may be newer
  // than this file.
  await copyFile(join(from, 'global', 'pg_control'), join(to, 'global', 'pg_control'));
}

/** Like `copyRunning`, of a master, but with its slots; the WAL that it needs is copied later. */
export async function copyForSnapshot(
  from: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  await copyEntries(from, to, emptyInSnapshot, user, deadline);
}

/**
 * The same, but without what is as in the template. Resolves to the base of an archive of the copy;
 * undefined if all has to be copied.
 */
export async function copyChanges(
  from: string,
  to: string,
  since: Unpacked,
  template: Original,
  user: ServerUser,
  deadline: Deadline,
): Promise<Original['base']> {
  const changes = await changesIn(from, since, template, user, deadline);
  if (!changes) return undefined;
  const { changed, missing, strange } = changes;
  const sources = await sourcesOf(template, deadline);
  const emptied = [...sources].filter(([path, it]) => !it.isDirectory && !isInSnapshot(path));
  const gone = new Set([...missing, ...emptied.map(([path]) => path)]);
  // A directory is copied with all that is in it.
  const all = new Set(strange);
  const added = strange.filter((path) => isInSnapshot(path) && !all.has(dirname(path)));
  const files = [...changed.filter(isInSnapshot), ...added];
  const isSomethingElse = (path: string) => sources.has(path);
  if (added.some(isSomethingElse)) return undefined;
  await runWell('make directories', 'mkdir', ['-m', '700', to], deadline, { user });
  // GNU's cp: it was GNU's find that found them.
  const paths = files.map((path) => `./${path}`);
  await copyLiving(['--parents', '--', ...paths], to, user, deadline, from);
  return { original: template, gone };
}

/** Copies WAL segments of a server; some that are not needed may be recycled meanwhile. */
export async function copyWal(
  from: string,
  to: string,
  needed: (names: readonly string[]) => readonly string[],
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  const names = needed(await readdir(join(from, 'pg_wal')));
  const wal = join(to, 'pg_wal');
  await runWell('make a directory', 'mkdir', ['-p', '-m', '700', wal], deadline, { user });
  const paths = names.map((name) => join(from, 'pg_wal', name));
  await copyLiving(paths, wal, user, deadline);
}

/** By its path in a data directory. */
function isInSnapshot(path: string): boolean {
  const [first = ''] = path.split('/', 1);
  return !isIn(notCopied, path) && (first === path || !isIn(emptyInSnapshot, first));
}

async function copyEntries(
  from: string,
  to: string,
  empty: readonly string[],
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  const entries = (await readdir(from)).filter((name) => !isIn(notCopied, name));
  const whole = entries.filter((name) => !isIn(empty, name)).map((name) => join(from, name));
  const made = entries.filter((name) => isIn(empty, name)).map((name) => join(to, name));
  const directories = [to, ...made, join(to, 'pg_wal', 'archive_status')];
  await runWell('make directories', 'mkdir', ['-m', '700', ...directories], deadline, { user });
  await copyLiving(whole, to, user, deadline);
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** Some files may come and go meanwhile: temporary ones, and those of dropped tables. */
async function copyLiving(
  paths: readonly string[],
  to: string,
  user: ServerUser,
  deadline: Deadline,
  cwd = '/',
): Promise<void> {
  const { exitCode, stderr } = await run('cp', [...cp, ...paths, to], deadline, { user, cwd });
  const problems = stderr.split('\n').filter((line) => !/^$|No such file or directory/.test(line));
  if (exitCode === 0 || (problems.length === 0 && stderr !== '')) return;
  throw new PgClusterError('ERR_PG_CLUSTER_ENGINE', `could not copy ${paths[0]}: ${problems[0]}`);
}
