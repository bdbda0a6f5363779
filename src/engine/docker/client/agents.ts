import { Agent, type AgentOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import type { Address } from './engine-addresses';
import { SshConnection } from './ssh-connection';

/** The part of an agent that node's types leave out. */
interface Connects {
  createConnection(...args: unknown[]): Socket | undefined;
  reuseSocket(socket: Socket, ...rest: unknown[]): void;
}

/**
 * What makes the connections to an engine. They do not keep the process alive: whoever waits for an
 * answer has a deadline, and that does.
 *
 * To another machine a connection takes several round trips, so they are used again.
 */
export function agentFor({ ssh, tls, socketPath }: Address): Agent {
  const options: AgentOptions = { keepAlive: socketPath === undefined };
  const { verify, ...files } = tls ?? { verify: true };
  const agent = tls
    ? new TlsAgent({ ...options, ...files, rejectUnauthorized: verify })
    : new Agent(options);
  const connecting = agent as unknown as Connects;
  const connect = connecting.createConnection.bind(agent);
  connecting.createConnection = ssh
    ? throughSsh(SshConnection.to(ssh))
    : (...args) => connect(...args)?.unref();
  // Node's own would keep the process alive from then on.
  const reuse = connecting.reuseSocket.bind(agent);
  connecting.reuseSocket = (socket, ...rest) => {
    reuse(socket, ...rest);
    socket.unref();
  };
  // docker-modem inspects the options of each request in full depth, for debugging. With all
  // sockets of an agent in them, that takes longer than the request.
  return Object.assign(agent, { [inspect.custom]: () => 'quietAgent' });
}

function throughSsh(connection: SshConnection): Connects['createConnection'] {
  return (...args) => {
    const done = args.at(-1) as (error: unknown, stream?: unknown) => void;
    connection.stream().then((stream) => done(null, stream), done);
    return undefined;
  };
}
