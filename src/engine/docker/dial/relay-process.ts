import '../../../base/machine/small-heap';
import { createServer, type Server, type Socket } from 'node:net';
import { serveOwner } from '../../../base/machine/helper-owner';
import type { Address } from '../client/engine-addresses';
import { ApiStream } from './api-stream';
import { EngineRequests } from './engine-request';
import type { RelayRequest } from './relay-requests';

/**
 * A separate process that leads connections to servers of remote engines, so that what passes through
 * need not wait for the tests' own code. It ends with its owner: see relay.ts.
 */
const ports = new Map<number, OpenPort>();
const engines = new Map<string, EngineRequests>();

interface OpenPort {
  readonly server: Server;
  readonly clients: Set<Socket>;
  /** Why the latest connection has come to nothing. */
  why: string | undefined;
}

serveOwner(async (request: RelayRequest) => {
  if (request.do === 'open') return open(request);
  if (request.do === 'why') return ports.get(request.port)?.why;
  return close(request.port);
});

function open({ port, container, engine }: Extract<RelayRequest, { do: 'open' }>): Promise<void> {
  const requests = requestsTo(engine);
  const clients = new Set<Socket>();
  const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
  const server = createServer(options, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    void new ApiStream(client).run(requests, container).then((why) => {
      opened.why = why;
    });
  });
  const opened: OpenPort = { server, clients, why: undefined };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.on('error', () => {});
      ports.set(port, opened);
      resolve();
    });
  });
}

async function close(port: number): Promise<void> {
  const opened = ports.get(port);
  ports.delete(port);
  opened?.server.close();
  for (const client of opened?.clients ?? []) client.destroy();
}

function requestsTo(engine: Address): EngineRequests {
  const key = JSON.stringify(engine);
  const known = engines.get(key) ?? new EngineRequests(engine);
  engines.set(key, known);
  return known;
}
