import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { handleOf } from '../../src/handle/cluster-handle';
import { expectNothingLeft, rows, start } from '../integration/with-cluster';

// Node's own object: an import would be a copy of it.
const os = jest.requireActual<typeof import('node:os')>('node:os');

/** An address of this machine that others can reach it at, too. */
const address = Object.values(os.networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** Stands for an engine on another machine: this one's, at that address, which is made out not to be ours. */
let server: Server;
const sockets = new Set<Socket>();
const before = process.env.DOCKER_HOST;
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
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
});

test('an engine on another machine is refused, unless nodes are to be reached there', async () => {
  await expect(start({ slaves: 1 })).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_NO_ENGINE',
    message: expect.stringMatching(/is another machine: .*unless the option publishOn/),
  });
  const cluster = await start({ slaves: 1, publishOn: address });
  try {
    const { nodes, master } = handleOf(cluster);
    expect(nodes.map(({ host }) => host)).toEqual([address, address]);
    await master.query('CREATE TABLE t (a int)');
    await handleOf(cluster).reset();
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    const elsewhere = master.url.replace(String(address), '127.0.0.1');
    await expect(rows(elsewhere, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
  await expectNothingLeft();
});
