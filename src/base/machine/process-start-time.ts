import { readFileSync } from 'node:fs';

/**
 * When a process started, as the kernel counts (field 22 of /proc/<pid>/stat, proc(5)). Together
 * with the pid it identifies one process. Undefined if there is no such process, or no /proc.
 */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not taken notice yet.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
