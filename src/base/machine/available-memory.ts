import { totalmem } from 'node:os';
import { join } from 'node:path';
import { readIfThere } from './read-if-there';

/**
 * How many bytes of memory are still available on this machine (Linux): as the kernel says, or less
 * if a control group of this process, say its container's, has less left.
 */
export function availableMemory(): number {
  const [, available] = /^MemAvailable:\s+(\d+) kB/m.exec(textOf('/proc/meminfo')) ?? [];
  const left = available === undefined ? Infinity : Number(available) * 1024;
  return Math.min(left, ...groupsOf(textOf('/proc/self/cgroup')).map(leftIn));
}

interface Group {
  readonly directory: string;
  /**
   * The files with its limit and with what it takes, and the entry of `memory.stat` for its old
   * cache.
   */
  readonly files: readonly [limit: string, taken: string, cache: string];
}

/**
 * The control groups of either version that bound this process's memory (cgroups(7)), and those
 * around them.
 */
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

/**
 * The directories of a group and of all groups around it. In a container the outermost is its own.
 */
function around(root: string, path: string): string[] {
  const names = path.split('/').filter(Boolean);
  return [root, ...names.map((_, index) => join(root, ...names.slice(0, index + 1)))];
}

/** Old file cache counts as free: the kernel drops it when it needs room. */
function leftIn({ directory, files: [limit, taken, cache] }: Group): number {
  const numberIn = (file: string) => Number(textOf(join(directory, file)) || NaN);
  const most = numberIn(limit);
  // Without a bound it says `max`, or more than there is. The other files take time to read.
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
