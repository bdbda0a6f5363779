import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Deadline, poll } from '../../base/deadline';
import type { Endpoint } from '../../postgres/endpoint';

/** The close reaches this machine's kernel at once, or after it has passed the engine's proxy. */
const passMs = 1000;
/** Node's event loop reads what has arrived, closes its own end, then emits the close. */
const turnsOfAnEnd = 3;

/**
 * The open client sockets of connections to an endpoint, as this machine's kernel knows them. A
 * socket that has been told of the other end's close is not open any more (tcp(7), CLOSE_WAIT).
 * Empty if nobody can know: there is no /proc, or the clients are elsewhere.
 */
export function openClientSockets({ host, port }: Endpoint): ReadonlySet<string> {
  const remote = `${hex(host)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const ends = new Set<string>();
  for (const file of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    for (const line of linesOf(file)) {
      const [, local = '', rem = '', state] = line.trim().split(/\s+/, 4);
      // An IPv4 address comes last in tcp6, too.
      if (state === established && rem.endsWith(remote)) ends.add(local);
    }
  }
  return ends;
}

const established = '01';

/**
 * Resolves once clients of this machine can see that `closed` of the connections `before` have
 * ended, and those in this process have been told. Resolves to the number of clients that cannot
 * see it after a second, because their packets do not pass.
 */
export async function untilClientsKnow(
  endpoint: Endpoint,
  before: ReadonlySet<string>,
  closed: number,
): Promise<number> {
  const stillOpen = () => {
    const now = openClientSockets(endpoint);
    const gone = [...before].filter((end) => !now.has(end)).length;
    return Math.max(0, Math.min(closed, before.size) - gone);
  };
  await poll({
    deadline: Deadline.in(passMs),
    what: 'clients to see the end of their connections',
    intervalMs: 1,
    look: async () => {
      const left = stillOpen();
      return left === 0 ? { done: undefined } : { seen: `${left} do not` };
    },
  }).catch(() => {});
  for (let turns = 0; turns < turnsOfAnEnd; turns += 1) await turn();
  return stillOpen();
}

/** As in /proc/net/tcp: four bytes in this machine's byte order. */
function hex(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return (endianness() === 'LE' ? bytes.reverse() : bytes).join('').toUpperCase();
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n').slice(1);
  } catch {
    return [];
  }
}
