import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { freePort, releasePort } from '../../src/base/machine/ports';
import { Station } from '../../src/wire/network/station';
import type { TlsIdentity } from '../../src/wire/requests';
import { until } from './until';

/** What the wire asks to see whether a server is there, without TLS and with it. */
const codes = { plain: 80877103, tls: 80877104 };

/** A server that answers a heartbeat as PostgreSQL does, and no wire has seen before. */
export async function fakeServer(
  talk: (socket: Socket) => void,
  kind: keyof typeof codes = 'plain',
): Promise<{
  port: number;
  sockets: Set<Socket>;
  listen: () => Promise<void>;
  /** As a server that is killed. */
  die: () => Promise<void>;
}> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const listen = async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.once('data', (first) => {
        const isHeartbeat = first.length === 8 && first.readInt32BE(4) === codes[kind];
        if (isHeartbeat) socket.write('N');
        else {
          talk(socket);
          socket.emit('data', first);
        }
      });
    });
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  };
  const die = async () => {
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  await listen();
  return { port, sockets, listen, die };
}

/** A station in front of it. */
export async function stationBefore(
  server: { port: number },
  tls?: TlsIdentity,
): Promise<{
  station: Station;
  port: number;
  connect: () => Promise<Socket>;
  close: () => Promise<void>;
}> {
  const port = await freePort();
  const station: Station = new Station(
    { clients: port, cluster: undefined, server: { host: '127.0.0.1', port: server.port } },
    { isCutOff: () => false, changed: () => station.applyCuts() },
    tls,
  );
  return {
    station,
    port,
    connect: () => connected(port),
    close: async () => {
      await station.close();
      releasePort(port);
      releasePort(server.port);
    },
  };
}

async function connected(port: number): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return socket;
}

/** How a connection ends for who has this end of it. */
export function endOf(socket: Socket): Promise<'end' | string> {
  return new Promise((resolve) => {
    socket.once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.resume();
  });
}

/** What a new client gets. */
export async function knock(port: number): Promise<string> {
  return connected(port).then(
    (socket) => {
      socket.destroy();
      return 'taken';
    },
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

export const untilKnock = (port: number, wanted: string) =>
  until(`a client to be ${wanted}`, async () => (await knock(port)) === wanted);
