import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from '../base/errors';
import { processStart } from '../base/machine/process-start-time';

/** One owner process's use of an engine. Its id is on everything that it makes. */
export interface Session {
  readonly id: string;
  /** Which process that is, on which machine: see {@link hasEnded}. */
  readonly owner: string;
}

/** Random and short enough for names of containers, networks and directories. */
export function newId(): string {
  return randomBytes(6).toString('hex');
}

let session: Session | undefined;

/** This process's session. */
export function currentSession(): Session {
  session ??= { id: newId(), owner: owner(process.pid) };
  return session;
}

/** For what a system does not tell. */
const unknown = '-';

/**
 * A process for all the world: `host/machine/boot/namespace/pid/start`. Hosts may have one name,
 * so the machine's own id is with it; a process id comes again after a boot, in another container
 * and in time, so these are with it too.
 */
function owner(pid: number): string {
  return [...here(), pid, processStart(pid) ?? unknown].join('/');
}

/** machine-id(5), random(4), pid_namespaces(7): Linux only. */
function here(): string[] {
  return [
    hostname(),
    told(() => readFileSync('/etc/machine-id', 'latin1').trim()),
    told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()),
    told(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')),
  ];
}

/** The process id that an owner has in it. */
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
 * Whether a session's owner is known to be no more. Of other machines' processes, and of other
 * containers', nothing is known.
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
    // EPERM: it is there, and somebody else's.
    return codeOf(error) !== 'ESRCH';
  }
}
