import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Client } from 'pg';
import type { WiredNode } from '../../src/wire/wired-node';
import { useCluster } from '../support/cluster';
import { until } from '../support/until';

/** The first version that speaks it; its cancel keys are longer, and a server may negotiate. */
const the = useCluster({ version: 18, slaves: 0 });

const protocol = (minor: number) => 3 * 65_536 + minor;
const cancelRequest = 80_877_102;

interface Session {
  readonly client: Client;
  /** The body of the server's BackendKeyData: the pid and the key. */
  readonly keyData: () => Buffer;
}

/** pg speaks 3.0 alone, so its start-up packet is changed on the way; the rest is the same. */
async function session(url: string, minor: number): Promise<Session> {
  const client = new Client(url);
  client.on('error', () => {});
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const seen: Buffer[] = [];
  // Socket.connect() puts its own write() back.
  stream.prependOnceListener('connect', () => {
    const write = stream.write.bind(stream) as (bytes: Buffer) => boolean;
    stream.write = ((bytes: Buffer) => {
      const isStartup = bytes.length > 8 && bytes.readInt32BE(4) === protocol(0);
      if (isStartup) bytes.writeInt32BE(protocol(minor), 4);
      return write(bytes);
    }) as Socket['write'];
  });
  stream.prependListener('data', (chunk: Buffer) => seen.push(Buffer.from(chunk)));
  await client.connect();
  const bodyOf = (type: string) => messagesIn(Buffer.concat(seen)).get(type);
  return {
    client,
    keyData: () => bodyOf('K') ?? Buffer.alloc(0),
  };
}

function messagesIn(bytes: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readInt32BE(at + 1);
    found.set(String.fromCharCode(bytes[at] ?? 0), bytes.subarray(at + 5, at + 1 + length));
    at += 1 + length;
  }
  return found;
}

function cancel(port: number, keyData: Buffer): void {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + keyData.length);
  head.writeInt32BE(cancelRequest, 4);
  connect(port, '127.0.0.1').end(Buffer.concat([head, keyData]));
}

test('a client of protocol 3.2 gets its long cancel key, and can use it', async () => {
  const { master } = the.pgCluster;
  const { client, keyData } = await session(master.url, 2);
  expect(keyData()).toHaveLength(4 + 32);
  const sleeps = client.query('SELECT pg_sleep(60)');
  sleeps.catch(() => {});
  await until('the query to run', async () => {
    const [row] = await master.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
    );
    return row?.n === 1;
  });
  cancel(master.port, keyData());
  await expect(sleeps).rejects.toMatchObject({ code: '57014' });
  await client.end();
});

test('traps catch what it runs, and the log names it', async () => {
  const { master } = the.pgCluster;
  await master.query('CREATE TABLE t (a int)');
  const { client } = await session(master.url, 2);
  const trap = await master.cutAt(/^insert/i);
  await expect(client.query('INSERT INTO t VALUES ($1)', [1])).rejects.toThrow();
  expect(await trap.hit()).toMatchObject({ tag: 'INSERT 0 1' });
  expect(await master.queries({ matching: /^insert/i })).toMatchObject([{ tag: 'INSERT 0 1' }]);
});

/** The server's first message to a client that asks for this version. */
async function firstReply(port: number, minor: number): Promise<Buffer> {
  const parameters = Buffer.from('user\0testsuite\0database\0testsuite\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + parameters.length);
  head.writeInt32BE(protocol(minor), 4);
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.concat([head, parameters]));
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk;
}

test('a version that the server does not know is negotiated, as without the wire', async () => {
  const { server } = the.cluster.master.engineNode as WiredNode;
  const beside = await firstReply(server.port, 9999);
  const through = await firstReply(the.pgCluster.master.port, 9999);
  expect(String.fromCharCode(beside[0] ?? 0)).toBe('v');
  expect(through).toEqual(beside);
});
