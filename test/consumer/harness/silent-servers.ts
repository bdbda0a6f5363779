import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

/** Accepts connections and says nothing, until the test ends. */
export function listen(where: { path: string } | { host: string; port: number }): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  servers.push(server);
  return new Promise((resolve) => server.listen(where, () => resolve(server)));
}

export async function silentPort(): Promise<number> {
  const server = await listen({ host: '127.0.0.1', port: 0 });
  return (server.address() as AddressInfo).port;
}

/** One where nothing listens. */
export async function closedPort(): Promise<number> {
  const port = await silentPort();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return port;
}
