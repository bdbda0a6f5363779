import { createServer } from 'node:net';
import { messageOf, PgClusterError } from '../errors';
import { OneAtATime } from '../one-at-a-time';
import { PortBlock, portRange } from './port-block';

const host = '127.0.0.1';
const blocks = new Set<PortBlock>();
const turns = new OneAtATime();

/** A port that nothing listens on, and that no process of this package has given to another node. */
export function freePort(): Promise<number> {
  return turns.run(findFreePort);
}

/** Does nothing if the port was given back before. */
export function releasePort(port: number): void {
  for (const block of blocks) {
    if (!block.giveBack(port)) continue;
    if (block.isInUse) return;
    blocks.delete(block);
    block.end();
  }
}

async function findFreePort(): Promise<number> {
  let refused = '';
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = await nextPort();
    refused = await whyTaken(port);
    // One that is taken stays given, so that it is not tried again.
    if (refused === '') return port;
  }
  throw noFreePort(`last seen: ${refused}`);
}

async function nextPort(): Promise<number> {
  for (const block of blocks) {
    const port = block.take();
    if (port !== undefined) return port;
  }
  const block = await PortBlock.claim();
  const port = block?.take();
  if (!block || port === undefined) throw noFreePort('other test runs have claimed all of them');
  blocks.add(block);
  return port;
}

function noFreePort(reason: string): PgClusterError {
  const { first, last } = portRange;
  return new PgClusterError(
    'ERR_PG_CLUSTER_PORT_IN_USE',
    `found no free port on ${host} between ${first} and ${last}; ${reason}`,
  );
}

/**
 * @throws `ERR_PG_CLUSTER_PORT_IN_USE`, which names the port and the node that it was meant for.
 */
export async function requireFree(port: number, node: string): Promise<void> {
  const refused = await whyTaken(port);
  if (refused === '') return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_PORT_IN_USE',
    `port ${port} on ${host}, meant for ${node}, is in use by something else (${refused})`,
  );
}

/** Why this port cannot be listened on; empty if it can. */
function whyTaken(port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(messageOf(error)));
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => resolve(''));
    });
  });
}
