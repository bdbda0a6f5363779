import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as ProperLockfile from 'proper-lockfile';
import { type Deadline, poll } from '../deadline';
import { codeOf } from '../errors';
import type { Progress } from '../progress';
import { privateDirectory } from './private-directory';

/** Loaded when it is asked for: most clusters find their template made. */
const properLockfile = (): typeof ProperLockfile => require('proper-lockfile');

/** What has not been touched for this long is a dead process's. */
const staleMs = 5000;

/**
 * Runs `work` while no other process of this user on this machine runs work under the same name.
 * If a process dies with the lock, another one takes it over after some seconds.
 */
export async function withLock<T>(
  name: string,
  deadline: Deadline,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  const file = fileOf(name);
  const release = await poll({
    deadline,
    what: `the lock ${file}.lock, which another process holds`,
    intervalMs: 50,
    look: async () => {
      try {
        // A lost lock only means that something might be done twice. The default is to throw,
        // which would end the process.
        const onCompromised = () => {};
        return {
          done: await properLockfile().lock(file, {
            realpath: false,
            stale: staleMs,
            onCompromised,
          }),
        };
      } catch (error) {
        if (codeOf(error) !== 'ELOCKED') throw error;
        progress.step('another process is at the same work, waiting for it');
        return { seen: 'the lock is held' };
      }
    },
  });
  try {
    return await work();
  } finally {
    // A lost lock cannot be released, and need not be.
    await release().catch(() => {});
  }
}

/** Whether a process that lives runs work under that name. */
export function isLocked(name: string): boolean {
  return properLockfile().checkSync(fileOf(name), { realpath: false, stale: staleMs });
}

function fileOf(name: string): string {
  return join(privateDirectory(tmpdir()), name);
}
