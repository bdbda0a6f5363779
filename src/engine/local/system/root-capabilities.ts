import { PgClusterError } from '../../../base/errors';
import { readIfThere } from '../../../base/machine/read-if-there';

/** What root needs to run servers as another user: capabilities(7), by their bits. */
const needed = new Map([
  [0, 'CAP_CHOWN'],
  [1, 'CAP_DAC_OVERRIDE'],
  [3, 'CAP_FOWNER'],
  [5, 'CAP_KILL'],
  [6, 'CAP_SETGID'],
  [7, 'CAP_SETUID'],
]);

/** CAP_SYS_PTRACE */
const sysPtrace = 19;

/**
 * Root in a container need not have all of root's rights.
 *
 * @param status the text of /proc/self/status; empty where there is none
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` that names those that are missing
 */
export function requireCapabilities(status = readIfThere('/proc/self/status') ?? ''): void {
  const missing = [...needed].filter(([bit]) => !hasBit(bit, status));
  if (missing.length === 0) return;
  const names = missing.map(([, name]) => name);
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    `PostgreSQL refuses to run as root, and this root cannot run it as another user: it lacks ${names.join(', ')}. Run the tests as another user, give the container ${names.map((name) => `--cap-add ${name.slice('CAP_'.length)}`).join(' ')}, or use Docker`,
  );
}

/** Whether this process may look into those of others; true where nobody says. */
export function mayLookIntoProcesses(status = readIfThere('/proc/self/status') ?? ''): boolean {
  return hasBit(sysPtrace, status);
}

function hasBit(bit: number, status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective === undefined || ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n;
}
