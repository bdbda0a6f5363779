import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { until } from '../support/until';
import { endOf, fakeServer, knock, stationBefore, untilKnock } from '../support/wire-end';

const echo = (socket: Socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('end', () => socket.end());
};

async function setUp(talk: (socket: Socket) => void = echo) {
  const server = await fakeServer(talk);
  const front = await stationBefore(server);
  await front.station.up(5000);
  return {
    ...front,
    server,
    [Symbol.asyncDispose]: async () => {
      await front.close();
      await server.die();
    },
  };
}

const received = async (socket: Socket, bytes: number) => {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await until(`${bytes} bytes`, () => {
    const got = chunks.reduce((sum, { length }) => sum + length, 0);
    return got >= bytes || `${got}`;
  });
  return Buffer.concat(chunks);
};

test('what one end sends the other gets, byte for byte, both ways', async () => {
  await using the = await setUp();
  const client = await the.connect();
  const sent = randomBytes(5_000_000);
  client.write(sent);
  const back = await received(client, sent.length);
  expect(back.equals(sent)).toBe(true);
  client.destroy();
});

test('a client that ends its half still hears the rest', async () => {
  await using the = await setUp((socket) => {
    const seen: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => seen.push(chunk));
    socket.on('end', () => socket.end(Buffer.concat([...seen, Buffer.from('!')])));
  });
  const client = await the.connect();
  client.end('half of it');
  const all: Buffer[] = [];
  client.on('data', (chunk: Buffer) => all.push(chunk));
  await expect(endOf(client)).resolves.toBe('end');
  expect(Buffer.concat(all).toString()).toBe('half of it!');
});

test.each([
  ['end', 'end', (socket: Socket) => socket.end()],
  ['reset', 'ECONNRESET', (socket: Socket) => socket.resetAndDestroy()],
] as const)('the %s of one end is that of the other', async (_, seen, finish) => {
  await using the = await setUp((socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk.toString() === 'you') finish(socket);
    });
  });
  const client = await the.connect();
  client.write('you');
  await expect(endOf(client)).resolves.toBe(seen);

  const other = await the.connect();
  other.write('me');
  await until('it to get there', () => [...the.server.sockets].some((one) => one.bytesRead === 2));
  const far = [...the.server.sockets].find((one) => one.bytesRead === 2) as Socket;
  const end = endOf(far);
  finish(other);
  await expect(end).resolves.toBe(seen);
});

test('a server that dies behind our back is refused at once, and taken when it is back', async () => {
  await using the = await setUp();
  const client = await the.connect();
  client.write('hello');
  await received(client, 5);
  const end = endOf(client);
  await the.server.die();
  await expect(end).resolves.toBe('ECONNRESET');
  await untilKnock(the.port, 'ECONNREFUSED');

  await the.server.listen();
  await untilKnock(the.port, 'taken');
});

test('a server that was ended is refused, until it is started', async () => {
  await using the = await setUp();
  await the.station.down();
  await expect(knock(the.port)).resolves.toBe('ECONNREFUSED');
  await the.station.up(5000);
  await expect(knock(the.port)).resolves.toBe('taken');
});

test('a server that takes no connections in time is told', async () => {
  const server = await fakeServer(echo);
  const front = await stationBefore(server);
  await server.die();
  await expect(front.station.up(50)).rejects.toThrow('its server takes no connections');
  await expect(knock(front.port)).resolves.toBe('ECONNREFUSED');
  await front.close();
});

test('a client that does not read makes its server wait, and the wire does not grow', async () => {
  let written = 0;
  await using the = await setUp((socket) => {
    const block = Buffer.alloc(64 * 1024);
    const pour = () => {
      while (written < 200_000_000 && socket.write(block)) written += block.length;
    };
    socket.on('drain', pour);
    socket.once('data', pour);
  });
  const client = await the.connect();
  client.write('go');
  client.pause();
  let before = -1;
  await until('the server to wait', async () => {
    const isStill = before === written && written > 0;
    before = written;
    return isStill;
  });
  // What the kernel's buffers of four sockets take, and little more.
  expect(written).toBeLessThan(40_000_000);
  client.destroy();
});

test('cut off, nothing passes and nobody is told; then all of it comes', async () => {
  await using the = await setUp();
  const client = await the.connect();
  client.write('a');
  await received(client, 1);
  the.station.setCut('clients');
  client.write('b');
  const late = await the.connect();
  late.write('c');
  const heard: string[] = [];
  client.on('data', (chunk) => heard.push(String(chunk)));
  late.on('data', (chunk) => heard.push(String(chunk)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toEqual([]);
  the.station.setCut(undefined);
  await until('both answers', () => heard.length === 2);
  client.destroy();
  late.destroy();
});

test('a silenced client hears nothing, and after the silence its next packet is answered by a reset', async () => {
  await using the = await setUp();
  const client = await the.connect();
  client.write('a');
  await received(client, 1);
  const [link] = the.station.connections({});
  link?.silence();
  let end = '';
  void endOf(client).then((seen) => {
    end = seen;
  });
  client.write('b');
  await until('the server to lose it', () =>
    [...the.server.sockets].every(({ bytesRead }) => bytesRead === 8),
  );
  expect(end).toBe('');
  the.station.endSilence();
  // It had sent something meanwhile.
  await until('its end', () => end !== '');
  expect(end).toBe('ECONNRESET');

  const idle = await the.connect();
  idle.write('a');
  await received(idle, 1);
  the.station.connections({})[0]?.silence();
  the.station.endSilence();
  let idleEnd = '';
  void endOf(idle).then((seen) => {
    idleEnd = seen;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(idleEnd).toBe('');
  idle.write('b');
  await until('its end', () => idleEnd === 'ECONNRESET');
});

const roundTrip = async (client: Socket, bytes: number) => {
  const startedAt = performance.now();
  const all = received(client, bytes);
  client.write(Buffer.alloc(bytes));
  await all;
  return performance.now() - startedAt;
};

test('latency is added to a round trip, and gone at once when it is taken back', async () => {
  await using the = await setUp();
  const client = await the.connect();
  the.station.throttle({ latencyMs: 200, jitterMs: 0, bytesPerSecond: null, from: 'clients' });
  await expect(roundTrip(client, 1)).resolves.toBeGreaterThanOrEqual(195);
  the.station.throttle({ latencyMs: 60_000, jitterMs: 0, bytesPerSecond: null, from: 'clients' });
  const slow = roundTrip(client, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  the.station.throttle(undefined);
  await expect(slow).resolves.toBeLessThan(10_000);
  client.destroy();
});

test('bandwidth is shared by the connections, and order is kept', async () => {
  await using the = await setUp();
  const [one, other] = [await the.connect(), await the.connect()];
  the.station.throttle({ latencyMs: 0, jitterMs: 20, bytesPerSecond: 200_000, from: 'all' });
  const startedAt = performance.now();
  const sent = randomBytes(50_000);
  const both = [one, other].map(async (client) => {
    const all = received(client, sent.length);
    client.write(sent);
    return all;
  });
  const back = await Promise.all(both);
  expect(back.map((bytes) => bytes.equals(sent))).toEqual([true, true]);
  // 100 kB each way at 200 kB/s; the ways overlap.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(480);
  one.destroy();
  other.destroy();
});
