import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';

/** The part of an agent that node's types leave out. */
interface Connects {
  createConnection(...args: unknown[]): Socket;
}

/**
 * For an engine at a socket of this machine. Its connections keep no process alive: what is waited
 * for is waited for with a deadline, and those do.
 */
export function quietAgent(): Agent {
  const agent = new Agent();
  const connecting = agent as unknown as Connects;
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = (...args) => connect(...args).unref();
  // docker-modem inspects the options of each request to all depths, in case somebody debugs it;
  // with all sockets of an agent in them that takes longer than the request.
  return Object.assign(agent, { [inspect.custom]: () => 'quietAgent' });
}

/**
 * Lets the process end though this connection, taken over from the engine's API, is open. Over ssh
 * it is a channel, and what would keep the process is the socket of the client that it belongs to.
 */
export function keepNoProcessFor(connection: Duplex): void {
  const { unref, _client } = connection as Duplex & {
    unref?: () => void;
    _client?: { _sock?: Socket };
  };
  if (unref) unref.call(connection);
  else _client?._sock?.unref();
}
