import { connect } from 'node:net';
import type { Endpoint } from '../../../postgres/endpoint';

/** "May I use TLS?", which every server answers with one byte, before anybody has logged in. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * How many milliseconds a server takes to answer a client that has just come; undefined if it does
 * not within `limitMs`. Servers log nothing of it.
 */
export function timeToAnswer({ host, port }: Endpoint, limitMs: number) {
  return new Promise<number | undefined>((resolve) => {
    const startedAt = performance.now();
    const socket = connect(port, host);
    const timer = setTimeout(() => end(undefined), limitMs);
    const end = (ms: number | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(ms);
    };
    socket.once('connect', () => socket.write(sslRequest));
    socket.once('data', () => end(performance.now() - startedAt));
    socket.once('error', () => end(undefined));
    socket.once('close', () => end(undefined));
  });
}
