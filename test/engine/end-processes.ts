import { readlinkSync } from 'node:fs';
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

/**
 * Those whose command names something in this folder, or that live in mounts of it: a container,
 * what watches it, and what serves its network, whoever their parents are.
 */
export function endProcessesOf(folder: string): Promise<void> {
  return endProcesses(`the processes of ${folder}`, async (pid) => {
    const of = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    if ((await of('cmdline')).includes(`${folder}/`)) return true;
    return !sharesOurMounts(pid) && (await of('mountinfo')).includes(folder);
  });
}

/** What is mounted where we are is no mark of anybody. */
function sharesOurMounts(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
  } catch {
    return true;
  }
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
