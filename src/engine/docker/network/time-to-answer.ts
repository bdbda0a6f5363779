import { connect } from 'node:net';
import type { Endpoint } from '../../../postgres/endpoint';

/** "May I use TLS?", which every server answers with one byte, before anybody has logged in. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * How many milliseconds a server takes to answer a new client; undefined if it takes longer than
 * `limitMs`. Servers log nothing about it.
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
