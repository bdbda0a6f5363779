import { totalmem } from 'node:os';
import { join } from 'node:path';
import { readIfThere } from './read-if-there';

/**
 * How many bytes of memory can still be had on this machine (Linux): what the kernel calls
 * available, or less if a control group of this process, say its container's, has less left.
 */
export function availableMemory(): number {
  const [, available] = /^MemAvailable:\s+(\d+) kB/m.exec(textOf('/proc/meminfo')) ?? [];
  const left = available === undefined ? Infinity : Number(available) * 1024;
  return Math.min(left, ...groupsOf(textOf('/proc/self/cgroup')).map(leftIn));
}

interface Group {
  readonly directory: string;
  /** The names of its files: the most it may take, what it takes, and in `memory.stat` its old cache. */
  readonly files: readonly [limit: string, taken: string, cache: string];
}

/** Those that bound this process's memory, of both versions (cgroups(7)), and the ones around them. */
function groupsOf(membership: string): Group[] {
  return membership.split('\n').flatMap((line): Group[] => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) return [];
    if (controllers === '') {
      const files = ['memory.max', 'memory.current', 'inactive_file'] as const;
      return around('/sys/fs/cgroup', path).map((directory) => ({ directory, files }));
    }
    if (!controllers?.split(',').includes('memory')) return [];
    const files = [
      'memory.limit_in_bytes',
      'memory.usage_in_bytes',
      'total_inactive_file',
    ] as const;
    return around('/sys/fs/cgroup/memory', path).map((directory) => ({ directory, files }));
  });
}

/** The directory of a group and of all that it is in. In a container the outermost is its own. */
function around(root: string, path: string): string[] {
  const names = path.split('/').filter(Boolean);
  return [root, ...names.map((_, index) => join(root, ...names.slice(0, index + 1)))];
}

/** What is in the file cache only, the kernel takes away when it needs room. */
function leftIn({ directory, files: [limit, taken, cache] }: Group): number {
  const numberIn = (file: string) => Number(textOf(join(directory, file)) || NaN);
  const most = numberIn(limit);
  // Without a bound it says `max`, or more than there is. To ask for the rest takes time.
  if (!(most < totalmem())) return Infinity;
  const now = numberIn(taken);
  if (!Number.isFinite(now)) return Infinity;
  const stat = textOf(join(directory, 'memory.stat'));
  const [, old] = new RegExp(`^${cache} (\\d+)`, 'm').exec(stat) ?? [];
  return most - now + Number(old ?? 0);
}

function textOf(path: string): string {
  return readIfThere(path)?.trim() ?? '';
}
