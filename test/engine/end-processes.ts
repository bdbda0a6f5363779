import { readdir, readFile } from 'node:fs/promises';
import { Deadline, poll } from '../../src/base/deadline';
import { codeOf } from '../../src/base/errors';

/** Ends every process that `isOurs`, whose parent may be nobody that we know. */
export async function endProcesses(
  what: string,
  isOurs: (pid: number) => boolean | Promise<boolean>,
): Promise<void> {
  await poll({
    deadline: Deadline.in(20_000),
    what: `${what} to end`,
    intervalMs: 50,
    look: async () => {
      const left: number[] = [];
      for (const name of await readdir('/proc')) {
        if (/^\d+$/.test(name) && (await isAlive(name)) && (await isOurs(Number(name)))) {
          left.push(Number(name));
        }
      }
      for (const pid of left) kill(pid);
      return left.length === 0 ? { done: undefined } : { seen: left.join(', ') };
    },
  });
}

/** Those whose command names something in this folder. */
export function endProcessesOf(folder: string): Promise<void> {
  return endProcesses(`the processes of ${folder}`, async (pid) => {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return command.includes(`${folder}/`);
  });
}

/** One that has ended, but whose parent does not ask for it, is no matter. */
async function isAlive(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ');
  return !/\) Z /.test(stat);
}

/** It may end by itself at the same moment. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
