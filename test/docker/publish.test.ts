import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { start } from '../support/cluster';
import { keepEnv } from '../support/env';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';

// Node's own object: an import would be a copy of it.
const os = jest.requireActual<typeof import('node:os')>('node:os');

/** An address of this machine that others can reach it at, too. */
const address = Object.values(os.networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** Stands for an engine on another machine: this one's, at that address, which is made out not to be ours. */
let server: Server;
const sockets = new Set<Socket>();
keepEnv(afterAll);
afterEach(expectNothingLeft);
beforeAll(async () => {
  server = createServer((socket) => {
    const engine = connect('/var/run/docker.sock');
    socket.pipe(engine).pipe(socket);
    for (const end of [socket, engine]) {
      sockets.add(end);
      end.on('error', () => {});
    }
  });
  jest.spyOn(os, 'networkInterfaces').mockReturnValue({});
  server.listen(0, address);
  await once(server, 'listening');
  process.env.DOCKER_HOST = `tcp://${address}:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  jest.restoreAllMocks();
  server.close();
  for (const socket of sockets) socket.destroy();
});

test('servers are published on the address that publishOn names', async () => {
  await using the = await start({ slaves: 1, publishOn: address });
  const { nodes, master } = the.pgCluster;
  // Tests find the wire on their own machine; it finds the servers there.
  expect(nodes.map(({ host }) => host)).toEqual(['127.0.0.1', '127.0.0.1']);
  expect(the.cluster.nodes.map(({ wired }) => wired?.server.host)).toEqual([address, address]);
  await master.query('CREATE TABLE t (a int)');
  await the.pgCluster.reset();
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  const server = the.cluster.master.wired?.server;
  const elsewhere = master.url.replace(String(master.port), String(server?.port));
  await expect(rows(elsewhere, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
});

test('clients verify a server by the address that it is published on', async () => {
  const given = { slaves: 0, publishOn: address, wire: false, tls: 'required' };
  await using the = await start(given);
  const { master } = the.pgCluster;
  expect(master.host).toBe(address);
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});
