import { readFileSync } from 'node:fs';

/**
 * When a process began: the kernel's own figure (field 22 of /proc/<pid>/stat, proc(5)). Together
 * with the pid it names one process. Undefined where there is no such process, or no /proc.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended, and only waits for its parent to take notice.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
