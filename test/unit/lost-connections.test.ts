import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { certificatesFor } from '../../src/postgres/certificates';
import { explainLostConnection, isLossOf, watchSockets } from '../../src/runner/lost-connections';

/** Resets every connection that says something. */
async function resetting(): Promise<{ server: Server; endpoint: { host: string; port: number } }> {
  const server = createServer((socket) => {
    socket.on('data', () => socket.resetAndDestroy()).on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, endpoint: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

/** The error of a connection that is lost while sockets to `watched` are. */
async function lossOf(port: number, watched: { host: string; port: number }): Promise<Error> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  watchSockets([watched]);
  const lost = once(socket, 'error');
  socket.write('x');
  const [error] = await lost;
  return error;
}

describe('connections that are reset', () => {
  let ours: Awaited<ReturnType<typeof resetting>>;
  let foreign: Awaited<ReturnType<typeof resetting>>;
  beforeAll(async () => {
    ours = await resetting();
    foreign = await resetting();
  });
  afterAll(() => {
    ours.server.close();
    foreign.server.close();
  });

  test('are recognised by their sockets if they led to the cluster', async () => {
    const { endpoint } = ours;
    const error = await lossOf(endpoint.port, endpoint);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(isLossOf([endpoint], error)).toBe(true);
    expect(isLossOf([endpoint], await lossOf(foreign.endpoint.port, endpoint))).toBeUndefined();
  });

  test('are explained with a “perhaps” if nobody knows where they led', async () => {
    const event = { act: 'kill', node: 'pg0', startedAt: Date.now(), endedAt: Date.now() };
    const kill = { ...event, outcome: 'done', detail: undefined, during: undefined } as const;
    const error = await lossOf(foreign.endpoint.port, ours.endpoint);
    explainLostConnection(error, [ours.endpoint], []);
    expect(error.message).toBe('read ECONNRESET');
    explainLostConnection(error, [ours.endpoint], [kill]);
    expect(error.message).toMatch(/perhaps one to the cluster, was lost .* after "kill" of pg0/);
  });
});

test('a connection in TLS is recognised by the socket that TLS stands on', async () => {
  const { ca, cert, key } = await certificatesFor([]);
  const server = createTlsServer({ cert, key }, (socket) => {
    socket.on('error', () => {});
  });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const connectIn = async () => {
    const socket = connect(endpoint.port, endpoint.host);
    await once(socket, 'connect');
    const secured = connectTls({ socket, ca, servername: 'localhost' });
    await once(secured, 'secureConnect');
    return secured.resume();
  };
  const [lost, ended] = [await connectIn(), await connectIn()];
  watchSockets([endpoint]);
  ended.destroy();
  await once(ended, 'close');
  const foreign = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  expect(isLossOf([endpoint], foreign)).toBeUndefined();
  const error = once(lost, 'error');
  sockets[0]?.resetAndDestroy();
  const [emitted] = await error;
  expect(emitted).toMatchObject({ code: 'ECONNRESET' });
  expect(isLossOf([endpoint], emitted)).toBe(true);
  expect(isLossOf([endpoint], foreign)).toBeUndefined();
  expect(isLossOf([endpoint], emitted)).toBe(true);
  server.close();
});

test('an error that carries an address or a client is recognised by it', () => {
  const endpoint = { host: '127.0.0.1', port: 5001 };
  const refused = { message: 'no', code: 'ECONNREFUSED', address: '127.0.0.1' };
  expect(isLossOf([endpoint], { ...refused, port: 5001 })).toBe(true);
  expect(isLossOf([endpoint], { ...refused, port: 5002 })).toBe(false);
  const ended = { message: 'Connection terminated unexpectedly', name: 'Error' };
  expect(isLossOf([endpoint], ended)).toBe(true);
  expect(isLossOf([endpoint], { ...ended, client: { port: 5001 } })).toBe(true);
  expect(isLossOf([endpoint], { ...ended, client: { port: 5002 } })).toBe(false);
  expect(isLossOf([endpoint], new Error('anything else'))).toBe(false);
});
