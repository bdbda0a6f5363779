import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Deadline, within } from '../../../base/deadline';

/**
 * Whether this name or IP address leads to this machine.
 *
 * @throws the system's `ENOTFOUND` for an unknown name
 */
export async function isThisMachine(host: string, deadline: Deadline): Promise<boolean> {
  const name = host.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(name) === 0 ? await resolve(name, deadline) : [name];
  const own = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.some(
    (address) =>
      /^(127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.)/.test(address) ||
      own.some((one) => one.address === address),
  );
}

async function resolve(name: string, deadline: Deadline): Promise<string[]> {
  const found = await within(deadline, `the address of ${name}`, () => lookup(name, { all: true }));
  return found.map(({ address }) => address);
}
