import { readlinkSync } from 'node:fs';
import { processStart } from '../../src/base/machine/process-start-time';

/** What tells the next run which process has made something, when it may be there no more. */
export function markOf(pid: number): string {
  return `made by ${pid} ${processStart(pid)} ${pidNamespace()}`;
}

/** Whether its maker is no more. What a process of another PID namespace has made is left alone. */
export function isOfDead(mark: string): boolean {
  const [, pid, start, namespace] = /^made by (\d+) (\d+) (\d+)\s*$/.exec(mark) ?? [];
  return namespace === pidNamespace() && processStart(Number(pid)) !== start;
}

/** Only its number: users' comments take no colon. */
function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
}
