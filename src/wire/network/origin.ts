import type { Socket } from 'node:net';
import { readStartup } from '../protocol/startup';

/**
 * The name of the node that a connection comes from, as its start-up packet says: a slave gives its
 * cluster_name. What was read is put back.
 */
export async function originOf(near: Socket): Promise<string> {
  near.on('error', () => {});
  const first = await new Promise<Buffer>((resolve) => {
    near.once('data', resolve);
    near.once('close', () => resolve(Buffer.alloc(0)));
    near.resume();
  });
  near.pause();
  if (first.length > 0 && !near.destroyed) near.unshift(first);
  const packet = readStartup(first);
  const parameters = 'parameters' in packet ? packet.parameters : undefined;
  return parameters?.get('application_name') ?? '';
}
