import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from '../base/errors';
import { processStart } from '../base/machine/process-start-time';

/** Stands for what a system does not say. */
const unknown = '-';

/**
 * Identifies a process worldwide: `host/machine/boot/namespace/pid/start`. The machine's id is
 * there because hosts may share a name; boot, namespace and start time because process ids repeat.
 */
export function ownerOf(pid: number): string {
  return [...here(), pid, processStart(pid) ?? unknown].join('/');
}

/** Known on Linux only: machine-id(5), random(4), pid_namespaces(7). */
function here(): string[] {
  return [
    hostname(),
    told(() => readFileSync('/etc/machine-id', 'latin1').trim()),
    told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
    told(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')),
  ];
}

/** The process id in an owner's name. */
export function processOf(owner: string): string {
  return owner.split('/')[4] ?? unknown;
}

function told(read: () => string): string {
  try {
    return read() || unknown;
  } catch {
    return unknown;
  }
}

/**
 * Whether a session's owner is known to have ended. Nothing is known about processes of other
 * machines and other containers.
 */
export function hasEnded(owner: string): boolean {
  const [host, machine, boot, namespace, pid = '', start] = owner.split('/');
  const [thisHost, thisMachine, thisBoot, thisNamespace] = here();
  if (host !== thisHost || machine !== thisMachine || start === undefined) return false;
  if (boot !== thisBoot) return true;
  if (namespace !== thisNamespace) return false;
  return start === unknown
    ? !exists(Number(pid))
    : (processStart(Number(pid)) ?? unknown) !== start;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists, and belongs to somebody else.
    return codeOf(error) !== 'ESRCH';
  }
}
