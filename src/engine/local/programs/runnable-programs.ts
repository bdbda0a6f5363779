import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Deadline } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { isLocked, withLock } from '../../../base/machine/lock';
import { makePrivate } from '../../../base/machine/private-directory';
import type { Progress } from '../../../base/progress';
import { serversPart } from '../directories/roots';
import { pack, unpack } from '../system/archives';
import { run, runWell } from '../system/run-program';
import type { ServerUser } from '../system/server-user';
import { makeEntry } from './cache-entry';
import type { Binaries } from './find-programs';
import { lockOf, noteUse } from './unused-entries';

/**
 * A directory of programs that the servers' user can run: that of `binaries` itself, or a copy in
 * the cache. npm may not have run the package's script that makes its symbolic links, and the
 * servers' user may not be allowed to read the project's folder.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` when they cannot be run
 */
export async function runnablePrograms(
  binaries: Binaries,
  o: {
    user: ServerUser;
    cache: string;
    progress: Progress;
    /** Called with the name of the copy's lock before the copy is used. */
    uses: (entry: string) => void;
  },
  deadline: Deadline,
): Promise<string> {
  const problem = await whyNotRunnable(binaries.directory, o.user, deadline);
  if (problem === undefined) return binaries.directory;
  if (!binaries.package) throw unusable(binaries.directory, o.user, problem);

  const id = createHash('sha256').update(`${binaries.package}\n${binaries.versionText}`);
  const home = join(serversPart(o.cache, o.user), `programs-${id.digest('hex').slice(0, 20)}`);
  const directory = join(home, basename(binaries.package), 'bin');
  o.uses(lockOf(home));
  const isThere =
    !isLocked(lockOf(home)) && (await whyNotRunnable(directory, o.user, deadline)) === undefined;
  if (isThere && (await noteUse(home, { deadline, progress: o.progress }))) return directory;
  await withLock(lockOf(home), deadline, o.progress, async () => {
    if ((await whyNotRunnable(directory, o.user, deadline)) === undefined) return;
    o.progress.step(`copying ${binaries.package} to ${home}`);
    await copyPackage(binaries.package as string, { home, ...o }, deadline);
  });
  const remaining = await whyNotRunnable(directory, o.user, deadline);
  if (remaining !== undefined) throw unusable(directory, o.user, remaining);
  return directory;
}

/** The copies belong to the servers' user, who may not be able to read the originals. */
async function copyPackage(
  native: string,
  { home, user, cache }: { home: string; user: ServerUser; cache: string },
  deadline: Deadline,
): Promise<void> {
  await makeEntry(home, async (draft) => {
    makePrivate(draft, user.ids);
    // An archive that a killed run has left is overwritten.
    const archive = join(cache, `${basename(home)}.tar`);
    try {
      await pack(dirname(native), basename(native), archive, deadline);
      await unpack(archive, draft, user, deadline);
    } finally {
      await rm(archive, { force: true });
    }
    await makeLinks(join(draft, basename(native)), user, deadline);
  });
}

/** Does what the package's own install script would have done; paths are relative to its root. */
async function makeLinks(native: string, user: ServerUser, deadline: Deadline): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, relative('native', target));
    if (existsSync(path)) continue;
    const to = relative(dirname(target), source);
    await runWell('make a link', 'ln', ['-sf', to, path], deadline, { user });
  }
}

/** These mean something to the shell by which initdb runs postgres, even in double quotes. */
const forShells = /["$`\\]/;

/** Why a user cannot run the programs of a directory; undefined if it can. */
export async function whyNotRunnable(
  directory: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<string | undefined> {
  const character = forShells.exec(directory)?.[0];
  if (character) return `initdb cannot run postgres from a path with ${character}`;
  try {
    const problems = await Promise.all(
      ['postgres', 'initdb'].map(async (program) => {
        const path = join(directory, program);
        const { exitCode, stderr } = await run(path, ['--version'], deadline, { user });
        return exitCode === 0 ? undefined : stderr.trim() || `${program} ended with ${exitCode}`;
      }),
    );
    return problems.find((problem) => problem !== undefined);
  } catch (error) {
    return messageOf(error);
  }
}

/** For programs that will not do, and are not copied. */
export function unusable(directory: string, user: ServerUser, problem: string): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `the PostgreSQL in ${directory} cannot be run as ${user.name}: ${problem}`,
  );
}
