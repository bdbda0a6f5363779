import { type Deadline, poll } from '../../../base/deadline';
import { PgClusterError } from '../../../base/errors';
import { familyOf, isOver, isStopped, type ProcessEntry, send } from '../system/process-table';
import { processesIn } from '../system/processes-in';

/** How long a server may take to clean up before it is killed. */
const patienceMs = 500;

/**
 * Freezes all processes of a server, and resolves to them once each has been seen frozen. None is
 * missed: the postmaster, which alone starts backends, comes first, and processes that those have
 * started are frozen once two looks in a row see the same.
 *
 * @throws `ERR_PG_CLUSTER_ENGINE` when there is no such process
 */
export async function freeze(postmaster: number, deadline: Deadline): Promise<readonly number[]> {
  let before = '';
  return poll({
    deadline,
    what: `the processes of server ${postmaster} to stop`,
    intervalMs: 1,
    look: async () => {
      const all = await serverFamily(postmaster, deadline);
      const running = all.filter(({ state }) => state !== 'T').map(({ pid }) => pid);
      const isHeadStopped = !running.includes(postmaster);
      send('SIGSTOP', isHeadStopped ? running : [postmaster]);
      const pids = all.map(({ pid }) => pid);
      const now = running.length === 0 ? pids.join() : '';
      const isAll = now !== '' && now === before;
      before = now;
      return isAll ? { done: pids } : { seen: `${running.join(', ') || 'none'} still run` };
    },
  });
}

/** Thaws all processes of a server, the postmaster last, and resolves once none is seen frozen. */
export async function thaw(postmaster: number, deadline: Deadline): Promise<void> {
  await poll({
    deadline,
    what: `the processes of server ${postmaster} to go on`,
    intervalMs: 1,
    look: async () => {
      const frozen = (await serverFamily(postmaster, deadline))
        .filter(({ state }) => state === 'T')
        .map(({ pid }) => pid);
      const children = frozen.filter((pid) => pid !== postmaster);
      send('SIGCONT', children.length > 0 ? children : frozen);
      return frozen.length === 0
        ? { done: undefined }
        : { seen: `${frozen.join(', ')} are still frozen` };
    },
  });
}

/**
 * Ends all processes of a server at once, as the end of its machine would: they are frozen first,
 * so that none can tell its clients that the others have ended.
 */
export async function killServer(
  postmaster: number,
  directory: string,
  deadline: Deadline,
): Promise<void> {
  let all: readonly number[] = [];
  try {
    all = await freeze(postmaster, deadline);
  } catch (error) {
    if (!(await isOver(postmaster, deadline))) throw error;
  }
  send('SIGKILL', all);
  await killAll(directory, deadline, all);
}

/**
 * Ends one server, politely first, and no other that may take its place in the same directory
 * meanwhile.
 */
export async function endServer(postmaster: number, deadline: Deadline): Promise<void> {
  const family = async () => (await familyOf(postmaster, deadline)).map(({ pid }) => pid);
  const all = await family();
  const isFrozen = await isStopped(postmaster, deadline);
  send('SIGQUIT', [postmaster]);
  await poll({
    deadline: deadline.atMost(isFrozen ? 0 : patienceMs),
    what: `server ${postmaster} to end`,
    intervalMs: 3,
    look: async () =>
      (await isOver(postmaster, deadline)) ? { done: undefined } : { seen: 'it runs' },
  }).catch(async () => send('SIGKILL', [...new Set([...all, ...(await family())])]));
}

/** Ends all processes below a directory, and resolves once they and `others` have ended. */
export async function killAll(
  directory: string,
  deadline: Deadline,
  others: readonly number[] = [],
): Promise<void> {
  const killed = new Set(others);
  await poll({
    deadline,
    what: `the processes in ${directory} to end`,
    intervalMs: 2,
    look: async () => {
      for (const pid of await processesIn(directory, deadline)) killed.add(pid);
      // A process that is about to end has no current directory any more, but still holds its port.
      const over = await Promise.all([...killed].map((pid) => isOver(pid, deadline)));
      const left = [...killed].filter((_, index) => !over[index]);
      if (left.length === 0) return { done: undefined };
      send('SIGKILL', left);
      return { seen: `${left.join(', ')} still run` };
    },
  });
}

/** The processes of a server that have not ended. */
async function serverFamily(
  postmaster: number,
  deadline: Deadline,
): Promise<readonly ProcessEntry[]> {
  const all = await familyOf(postmaster, deadline);
  if (all.some(({ pid }) => pid === postmaster)) return all;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_ENGINE',
    `the server process ${postmaster} does not exist, or may not be seen`,
  );
}
