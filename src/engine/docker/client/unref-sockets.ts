import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';

/** The part of an agent that node's types leave out. */
interface Connects {
  createConnection(...args: unknown[]): Socket;
}

/**
 * For an engine behind a socket of this machine. Its connections do not keep the process alive:
 * whoever waits for an answer has a deadline, and that does.
 */
export function quietAgent(): Agent {
  const agent = new Agent();
  const connecting = agent as unknown as Connects;
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = (...args) => connect(...args).unref();
  // docker-modem inspects the options of each request in full depth, for debugging. With all
  // sockets of an agent in them, that takes longer than the request.
  return Object.assign(agent, { [inspect.custom]: () => 'quietAgent' });
}

/**
 * Lets the process end while this connection, which was taken over from the engine's API, is open.
 * Over ssh it is a channel, and the socket of its ssh client would keep the process alive.
 */
export function keepNoProcessFor(connection: Duplex): void {
  const { unref, _client } = connection as Duplex & {
    unref?: () => void;
    _client?: { _sock?: Socket };
  };
  if (unref) unref.call(connection);
  else _client?._sock?.unref();
}
