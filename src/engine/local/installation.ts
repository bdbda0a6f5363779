import { createHash } from 'node:crypto';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Deadline } from '../../deadline';
import { messageOf, PgClusterError } from '../../errors';
import { withLock } from '../../lock';
import type { Progress } from '../../progress';
import type { Binaries } from './binaries';
import { makeEntry } from './cache-entry';
import { makeDirectory } from './directories';
import { run, runWell } from './run';
import type { ServerUser } from './server-user';

/**
 * The directory of programs that the servers' user can run: that of `binaries` as it is, or a copy
 * in the cache. npm need not have run the package's script that makes its symbolic links, and the
 * servers' user need not be able to read the project's folder.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` when it cannot be run
 */
export async function runnablePrograms(
  binaries: Binaries,
  o: { user: ServerUser; cache: string; progress: Progress },
  deadline: Deadline,
): Promise<string> {
  const problem = await whyNotRunnable(binaries.directory, o.user, deadline);
  if (problem === undefined) return binaries.directory;
  if (!binaries.package) throw unusable(binaries.directory, o.user, problem);

  const id = createHash('sha256').update(`${binaries.package}\n${binaries.versionText}`);
  const home = join(o.cache, `programs-${id.digest('hex').slice(0, 20)}`);
  const directory = join(home, 'bin');
  if ((await whyNotRunnable(directory, o.user, deadline)) === undefined) return directory;
  await withLock(`programs-${home.slice(-20)}`, deadline, o.progress, async () => {
    if ((await whyNotRunnable(directory, o.user, deadline)) === undefined) return;
    o.progress.step(`copying ${binaries.package} to ${home}`);
    await copyPackage(binaries.package as string, home, deadline);
  });
  const remaining = await whyNotRunnable(directory, o.user, deadline);
  if (remaining !== undefined) throw unusable(directory, o.user, remaining);
  return directory;
}

async function copyPackage(native: string, home: string, deadline: Deadline): Promise<void> {
  makeDirectory(dirname(home));
  await makeEntry(home, async (draft) => {
    await runWell('copy the programs', 'cp', ['-R', native, draft], deadline);
    await runWell('make the programs readable', 'chmod', ['-R', 'a+rX', draft], deadline);
    makeLinks(draft);
  });
}

/** What the package's own install script would have done; paths are relative to its root. */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, relative('native', target));
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
}

async function whyNotRunnable(
  directory: string,
  user: ServerUser,
  deadline: Deadline,
): Promise<string | undefined> {
  try {
    for (const program of ['postgres', 'initdb']) {
      const { exitCode, stderr } = await run(join(directory, program), ['--version'], deadline, {
        user,
      });
      if (exitCode !== 0) return stderr.trim() || `${program} ended with ${exitCode}`;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function unusable(directory: string, user: ServerUser, problem: string): PgClusterError {
  return new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `the PostgreSQL in ${directory} cannot be run as ${user.name}: ${problem}`,
  );
}
