import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { messageOf, PgClusterError } from '../errors';

/**
 * Below the ephemeral ranges of Linux (32768–60999) and macOS (49152–65535). Inside those ranges
 * any outgoing connection could take the port of a node that is stopped for a while.
 */
const first = 20_000;
const last = 32_000;

const given = new Set<number>();

/** A port that nothing listens on, and that this process has not given to another node. */
export async function freePort(): Promise<number> {
  let refused = '';
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(first, last);
    if (given.has(port)) continue;
    refused = await whyTaken(port);
    if (refused === '') {
      given.add(port);
      return port;
    }
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_PORT_IN_USE',
    `found no free port on 127.0.0.1 between ${first} and ${last}; last seen: ${refused}`,
  );
}

export function releasePort(port: number): void {
  given.delete(port);
}

/**
 * @throws `ERR_PG_CLUSTER_PORT_IN_USE`, which names the port and the node that it was meant for.
 */
export async function requireFree(port: number, node: string): Promise<void> {
  const refused = await whyTaken(port);
  if (refused === '') return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_PORT_IN_USE',
    `port ${port} on 127.0.0.1, meant for ${node}, is in use by something else (${refused})`,
  );
}

/** Why this port cannot be listened on; empty if it can. */
function whyTaken(port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(messageOf(error)));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.close(() => resolve(''));
    });
  });
}
