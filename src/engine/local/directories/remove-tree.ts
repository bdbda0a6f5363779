import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Deadline, poll } from '../../../base/deadline';
import { messageOf, PgClusterError } from '../../../base/errors';
import { isGone } from '../../../base/machine/read-if-there';
import { killAll } from '../server/freeze-and-kill';
import { pidFile, sharedMemoryOf } from '../server/pid-file';
import { isOver, isStopped, send } from '../system/process-table';
import { processesIn } from '../system/processes-in';
import { removeDirectories } from '../system/remove-directories';
import { run } from '../system/run-program';

/** How long servers may take to clean up before they are killed. */
const patienceMs = 500;

/**
 * Ends every process that works below a directory, and removes it.
 * @throws `ERR_PG_CLUSTER_ENGINE` that says what is left
 */
export async function removeTree(directory: string, deadline: Deadline): Promise<number> {
  if (!existsSync(directory)) return 0;
  try {
    const before = pidFilesIn(directory).flatMap(sharedMemoryOf);
    const processes = await endServers(directory, deadline);
    const after = pidFilesIn(directory).flatMap(sharedMemoryOf);
    // Most servers have removed theirs. A killed initdb may have removed the note first.
    const segments = new Set([...before, ...after]);
    await Promise.all([...segments].map((id) => run('ipcrm', ['-m', id], deadline)));
    await removeDirectories([directory], deadline);
    return processes + 1;
  } catch (error) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `${directory} could not be removed: ${messageOf(error)}. By hand: end the processes whose current directory is below it, then rm -rf it`,
      { cause: error },
    );
  }
}

/** Politely first: a server that ends by itself removes its shared memory. */
async function endServers(directory: string, deadline: Deadline): Promise<number> {
  const processes = await processesIn(directory, deadline);
  const postmasters = pidFilesIn(directory)
    .map((lines) => Number(lines[0]))
    .filter((pid) => processes.includes(pid));
  const frozen = await Promise.all(postmasters.map((pid) => isStopped(pid, deadline)));
  send('SIGQUIT', postmasters);
  await poll({
    deadline: frozen.includes(true) ? Deadline.in(0) : deadline.atMost(patienceMs),
    what: 'servers to end',
    intervalMs: 3,
    look: async () => {
      // To look at all processes takes milliseconds, in which these could end.
      const over = await Promise.all(postmasters.map((pid) => isOver(pid, deadline)));
      if (over.includes(false)) return { seen: 'a postmaster' };
      const left = await processesIn(directory, deadline);
      return left.length === 0 ? { done: undefined } : { seen: `${left.length} processes` };
    },
  }).catch(() => killAll(directory, deadline));
  return processes.length;
}

/** The postmaster.pid of each server. */
function pidFilesIn(directory: string): string[][] {
  return entriesOf(directory)
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const path = join(directory, name);
      if (name !== 'data') return pidFilesIn(path);
      const lines = pidFile(path);
      return lines.length > 0 ? [lines] : [];
    });
}

/** None if others have removed it meanwhile. */
function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
