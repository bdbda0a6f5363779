import { closeSync, openSync } from 'node:fs';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { runWell } from './run-program';
import type { ServerUser } from './server-user';

/** Packs the folder `name` of a directory. Nobody may be using it. */
export async function pack(
  directory: string,
  name: string,
  archive: string,
  deadline: Deadline,
): Promise<void> {
  await runWell(`pack ${name}`, 'tar', ['-cf', archive, '-C', directory, name], deadline);
}

/**
 * Unpacks an archive of `pack`, modes included. The files belong to `user`, who need not be able to
 * read the archive. This takes half the time of copying a thousand small files one by one.
 */
export function unpack(
  archive: string,
  to: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<void> {
  return extract(archive, ['-C', to], { to, user }, deadline);
}

/**
 * Unpacks some files of an archive of `pack` again, with GNU's tar, into what was its folder, by their
 * paths there. What is in their place is removed.
 */
export function unpackSome(
  archive: string,
  paths: readonly string[],
  o: { name: string; to: string; user: ServerUser },
  deadline: Deadline,
): Promise<void> {
  const members = paths.map((path) => `${o.name}/${path}`);
  const how = ['-C', o.to, '--strip-components=1', '--no-recursion', '--unlink-first', '--'];
  return extract(archive, [...how, ...members], o, deadline);
}

async function extract(
  archive: string,
  args: readonly string[],
  { to, user }: { to: string; user: ServerUser },
  deadline: Deadline,
): Promise<void> {
  const inputFile = openSync(archive, 'r');
  try {
    await runWell(
      `unpack ${archive} (if it is damaged, remove it: it will be made again)`,
      'tar',
      ['-xpf', '-', ...args],
      deadline,
      { user, inputFile },
    );
  } catch (error) {
    if (!/No space left on device/.test(messageOf(error))) throw error;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `no space left on device: the copy of ${archive} does not fit where ${to} is; make room there`,
      { cause: error },
    );
  } finally {
    closeSync(inputFile);
  }
}
