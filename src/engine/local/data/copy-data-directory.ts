import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { emptyInClone, emptyInSnapshot, notCopied } from '../../data-directory-rules';
import { run, runWell } from '../system/run-program';
import type { ServerUser } from '../system/server-user';

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

/** Like `copyRunning`, of a master, but with its slots; the WAL that they need is copied later. */
export async function copyForSnapshot(
  from: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  await copyEntries(from, to, emptyInSnapshot, user, deadline);
}

/** Copies all WAL of a server; some of it may be recycled meanwhile. */
export async function copyWal(
  from: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  await copyLiving([join(from, 'pg_wal')], to, user, deadline);
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
): Promise<void> {
  const { exitCode, stderr } = await run('cp', [...cp, ...paths, to], deadline, { user });
  const problems = stderr.split('\n').filter((line) => !/^$|No such file or directory/.test(line));
  if (exitCode === 0 || (problems.length === 0 && stderr !== '')) return;
  throw new PgClusterError('ERR_PG_CLUSTER_ENGINE', `could not copy ${paths[0]}: ${problems[0]}`);
}
