import type { Deadline } from '../../base/deadline';
import { isInContainer } from '../../base/machine/in-container';
import { readIfThere } from '../../base/machine/read-if-there';
import { locales } from '../data-directory-rules';
import type { Limit } from '../diagnosis';
import { dataPlace, memory } from './directories/roots';
import { fileSystemOf, roomPerNode } from './system/free-space';
import { mayLookIntoProcesses } from './system/root-capabilities';
import { run } from './system/run-program';
import type { ServerUser } from './system/server-user';

/** A server opens up to a thousand files (max_files_per_process), the wire one for each connection. */
const filesWanted = 1024;

/** What works less well on this machine than on others. */
export async function limitsHere(
  o: { nodes: number; user: ServerUser | undefined },
  deadline: Deadline,
): Promise<Limit[]> {
  const found = [
    smallMemory(o.nodes),
    hiddenProcesses(o.user),
    fewFiles(),
    namelessUser(o.user),
    await missingLocale(deadline),
  ];
  return found.filter((limit) => limit !== undefined);
}

function smallMemory(nodes: number): Limit | undefined {
  const place = dataPlace(nodes);
  if (place === memory || process.platform !== 'linux') return undefined;
  const wanted = Math.ceil((nodes * roomPerNode) / 2 ** 30);
  const free = Math.floor(freeIn(memory) / 2 ** 20);
  return {
    what: `${memory} and the memory of this machine have less room than ${nodes} nodes may need (${memory}: ${free} MB free): their data are in ${place}, which is slower`,
    help: isInContainer()
      ? `docker run --shm-size ${wanted}g`
      : `mount -o remount,size=${wanted}g ${memory}, if there is that much memory`,
  };
}

function freeIn(directory: string): number {
  try {
    return fileSystemOf(directory).free;
  } catch {
    return 0;
  }
}

function hiddenProcesses(user: ServerUser | undefined): Limit | undefined {
  if (user?.ids === undefined || mayLookIntoProcesses()) return undefined;
  return {
    what: `root lacks CAP_SYS_PTRACE here, so that it has to look for server processes as ${user.name}, which takes longer`,
    help: isInContainer() ? 'docker run --cap-add SYS_PTRACE' : 'give it that capability',
  };
}

function fewFiles(): Limit | undefined {
  const limits = readIfThere('/proc/self/limits') ?? '';
  const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  if (soft >= filesWanted) return undefined;
  return {
    what: `a process may have ${soft} files open: tests with many connections may fail with EMFILE`,
    help: `ulimit -n ${filesWanted} or more`,
  };
}

function namelessUser(user: ServerUser | undefined): Limit | undefined {
  if (user?.namedBy === undefined) return undefined;
  return {
    what: 'the system knows no name of this user: initdb runs in a user namespace, where it has one',
    help: 'add a line for it to /etc/passwd',
  };
}

/** What initdb knows is what the system knows. */
async function missingLocale(deadline: Deadline): Promise<Limit | undefined> {
  const [wanted, instead] = locales;
  try {
    const { exitCode, stdout } = await run('locale', ['-a'], deadline.atMost(2000));
    const known = stdout.toLowerCase().replaceAll('-', '').split('\n');
    if (exitCode !== 0 || known.includes(wanted.toLowerCase().replaceAll('-', ''))) {
      return undefined;
    }
  } catch {
    // Not every system has that program; musl needs no list.
    return undefined;
  }
  return {
    what: `the system has no locale ${wanted}: databases have ${instead}, in which only ASCII letters are letters`,
    help: `localedef -i C -f UTF-8 ${wanted}, or install the package locales`,
  };
}
