import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Deadline, poll } from '../../base/deadline';
import type { Endpoint } from '../../postgres/endpoint';

/** An end that has come is in the kernel at once, or has to pass a proxy of the engine's. */
const passMs = 1000;
/** Node's event loop reads what has come, closes its own end, and then tells of the close. */
const turnsOfAnEnd = 3;

/**
 * The clients' ends of connections to an endpoint that are open, as the kernel of this machine
 * knows them: one that has been told of the other end's close is not (tcp(7), CLOSE_WAIT). Empty
 * where it cannot be known: there is no /proc, or the clients are elsewhere.
 */
export function openClientEnds({ host, port }: Endpoint): ReadonlySet<string> {
  const remote = `${hex(host)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const ends = new Set<string>();
  for (const file of ['/proc/self/net/tcp', '/proc/self/net/tcp6']) {
    for (const line of linesOf(file)) {
      const [, local = '', rem = '', state] = line.trim().split(/\s+/, 4);
      // In tcp6 an IPv4 address comes last, too.
      if (state === established && rem.endsWith(remote)) ends.add(local);
    }
  }
  return ends;
}

const established = '01';

/**
 * Resolves once clients of this machine can see that `closed` of the connections `before` have
 * ended, and those in this process have been told. Resolves to how many cannot see it after a
 * second: their packets do not pass.
 */
export async function untilClientsKnow(
  endpoint: Endpoint,
  before: ReadonlySet<string>,
  closed: number,
): Promise<number> {
  const stillOpen = () => {
    const now = openClientEnds(endpoint);
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

/** As in /proc/net/tcp: four bytes, as this machine has an integer. */
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
