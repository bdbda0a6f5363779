import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls';
import { type Certificates, certificatesFor } from '../../src/postgres/certificates';
import { gssRequest, sslRequest, startup } from '../support/pg-messages';
import { until } from '../support/until';
import { endOf, fakeServer, stationBefore } from '../support/wire-end';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await certificatesFor([]);
});

/** A station in front of a server that talks so. `heard` is all that the server was told in plain. */
async function setUp(talk: (socket: Socket, chunk: Buffer) => void) {
  let heard = Buffer.alloc(0);
  const server = await fakeServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      talk(socket, chunk);
    });
    socket.on('end', () => socket.end());
  }, 'tls');
  const front = await stationBefore(server, certificates);
  await front.station.up(5000);
  return {
    ...front,
    heard: () => heard,
    [Symbol.asyncDispose]: async () => {
      await front.close();
      await server.die();
    },
  };
}

/** Speaks TLS on a socket that nobody else reads any more, and repeats in it what it hears. */
function echoInTls(socket: Socket, first?: Buffer): void {
  socket.removeAllListeners('data').pause();
  if (first) socket.unshift(first);
  const { cert, key } = certificates;
  const secured = new TLSSocket(socket, {
    isServer: true,
    cert,
    key,
    ALPNProtocols: ['postgresql'],
  });
  secured.on('error', () => {});
  secured.on('data', (chunk) => secured.write(chunk));
}

const secure = async (socket: Socket, o: ConnectionOptions = {}) => {
  const secured = connectTls({ socket, ca: certificates.ca, servername: 'localhost', ...o });
  await once(secured, 'secureConnect');
  return secured;
};

const said = async (socket: Socket) => String((await once(socket, 'data'))[0]);

const yes = (socket: Socket, chunk: Buffer) => {
  if (!chunk.equals(sslRequest)) return;
  socket.write('S');
  echoInTls(socket);
};

test('a server that says yes: TLS with its certificate, and what is said in it arrives', async () => {
  await using the = await setUp(yes);
  const client = await the.connect();
  // As slowly as it can come.
  client.write(sslRequest.subarray(0, 3));
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.write(sslRequest.subarray(3));
  expect(await said(client)).toBe('S');
  const secured = await secure(client);
  const { fingerprint256 } = new X509Certificate(certificates.cert);
  expect(secured.getPeerCertificate().fingerprint256).toBe(fingerprint256);
  secured.write('hello');
  expect(await said(secured)).toBe('hello');
  expect(the.heard()).toEqual(sslRequest);
  secured.destroy();
});

test.each([
  ['no', 'N'],
  ['yes', 'G'],
])('a server that says no, and then %s to Kerberos, hears the rest as it is', async (_, answer) => {
  await using the = await setUp((socket, chunk) => {
    if (chunk.length === 8) socket.write(chunk.equals(gssRequest) ? answer : 'N');
    else socket.write('as you like');
  });
  const client = await the.connect();
  client.write(sslRequest);
  expect(await said(client)).toBe('N');
  client.write(gssRequest);
  expect(await said(client)).toBe(answer);
  const rest = answer === 'N' ? startup({ user: 'u' }) : Buffer.from('in a cipher');
  client.write(rest);
  expect(await said(client)).toBe('as you like');
  expect(the.heard()).toEqual(Buffer.concat([sslRequest, gssRequest, rest]));
  client.destroy();
});

test.each<[string, Buffer, string]>([
  ['a start-up packet', startup({ user: 'u' }), 'hello'],
  ['what no client says', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'hello'],
  ['a request that does not wait for its answer', Buffer.concat([sslRequest, sslRequest]), 'S'],
  ['a request that the server cannot serve', sslRequest, 'Esomething is wrong'],
])('%s goes to the server as it is, and so does the answer', async (_, bytes, answer) => {
  await using the = await setUp((socket, chunk) => {
    if (String(chunk) === 'more') socket.end('bye');
    else socket.write(answer);
  });
  const client = await the.connect();
  client.write(bytes);
  expect(await said(client)).toBe(answer);
  client.write('more');
  expect(await said(client)).toBe('bye');
  expect(the.heard()).toEqual(Buffer.concat([bytes, Buffer.from('more')]));
  client.destroy();
});

test('TLS from the first byte is asked of the server in the same way, by the name of the protocol', async () => {
  await using the = await setUp((socket, chunk) => echoInTls(socket, chunk));
  const secured = await secure(await the.connect(), { ALPNProtocols: ['postgresql'] });
  secured.write('hello');
  expect(await said(secured)).toBe('hello');
  expect(the.heard()[0]).toBe(0x16);
  secured.destroy();

  const nameless = await secure(await the.connect());
  expect(await endOf(nameless)).toBe('end');
});

test('a server that knows no TLS from the first byte ends it', async () => {
  await using the = await setUp((socket) => socket.end());
  const client = connectTls({ socket: await the.connect(), ca: certificates.ca });
  expect(await endOf(client)).toMatch(/end|ECONNRESET/);
});

test('who leaves while it is being negotiated is gone at the other end, too', async () => {
  await using the = await setUp((socket, chunk) => {
    if (chunk.equals(sslRequest)) socket.write('S');
  });
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const client = await the.connect();
    client.write(sslRequest);
    expect(await said(client)).toBe('S');
    expect(the.station.connections({})).toHaveLength(1);
    client[leave]();
    await until('it to be gone', () => the.station.connections({}).length === 0);
  }
});
