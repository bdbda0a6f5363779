import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { emptyInClone, emptyInSnapshot, notCopied } from '../../data-directory-rules';
import { run, runWell } from '../system/run-program';
import type { ServerUser } from '../system/server-user';

/** On macOS by clones where the file system can; GNU's cp makes reflinks by itself. */
const cp = process.platform === 'darwin' ? ['-a', '-c'] : ['-a'];

/**
 * Copies the data directory of a server that is in backup mode. It has no WAL: a slave gets that
 * from its upstream, from the position in `backup_label` on.
 */
export async function copyRunning(
  from: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  await copyEntries(from, to, emptyInClone, user, deadline);
  // Last: a slave that is copied goes on replaying, and nothing may be newer than what this says.
  await copyFile(join(from, 'global', 'pg_control'), join(to, 'global', 'pg_control'));
}

/** As `copyRunning`, of a master; but its slots are kept, and for them its WAL is copied later. */
export async function copyForSnapshot(
  from: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  await copyEntries(from, to, emptyInSnapshot, user, deadline);
}

/** All WAL that a server has; some of it may be recycled meanwhile. */
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

/** Files may come and go meanwhile: temporary ones and those of dropped tables. */
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
