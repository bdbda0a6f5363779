import { randomBytes } from 'node:crypto';
import { connect as connectTo, type Socket } from 'node:net';
import { Client } from 'pg';
import { Wire } from '../../../../src/wire/wire';
import type { WiredNode } from '../../../../src/wire/wired-node';
import { useCluster } from '../../../support/cluster';
import { memoryOf } from '../../../support/memory';
import { until } from '../../../support/until';

const the = useCluster({ slaves: 0, settings: { wal_level: 'logical', log_connections: 'on' } });

/** The URL of the server itself, where the wire does not stand. */
function serverUrl(): string {
  const url = new URL(the.pgCluster.masterUrl);
  const { host, port } = (the.cluster.master.engineNode as WiredNode).server;
  url.host = `${host}:${port}`;
  return url.href;
}

/** A client that keeps every byte that it hears once it is logged in. */
async function recorded(url: string): Promise<{ client: Client; heard: () => Buffer }> {
  const client = new Client(url);
  client.on('error', () => {});
  await client.connect();
  const chunks: Buffer[] = [];
  // A copy, and before pg gets it: its parser moves bytes about in the chunk itself.
  socketOf(client).prependListener('data', (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
  return { client, heard: () => Buffer.concat(chunks) };
}

function socketOf(client: Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

/** A frontend message: "Message Formats" in PostgreSQL's manual. */
function message(type: string, ...parts: (string | Buffer | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'number') return int16(part);
      return typeof part === 'string' ? Buffer.from(`${part}\0`) : part;
    }),
  );
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

const sync = message('S');
const parse = (name: string, sql: string) => message('P', name, sql, 0);
const bind = (name: string) => message('B', '', name, 0, 0, 0);
const execute = (rows = 0) => {
  const most = Buffer.alloc(4);
  most.writeInt32BE(rows);
  return message('E', '', most);
};
/** The head of ReadyForQuery. */
const ready = Buffer.from([90, 0, 0, 0, 5]);

/** Writes bytes past the driver; resolves when the server is ready for the next query. */
async function exchange(client: Client, heard: () => Buffer, ...bytes: Buffer[]): Promise<void> {
  const before = heard().length;
  // A pipeline has several ends, and what is heard of it may stop at any of them for a moment.
  const ends = bytes.filter(([type = 0]) => 'QSF'.includes(String.fromCharCode(type))).length;
  socketOf(client).write(Buffer.concat(bytes));
  await until('the server to be ready', () => {
    const answer = heard().subarray(before);
    const seen = answer.toString('latin1').split(ready.toString('latin1')).length - 1;
    return (seen === ends && answer.subarray(-6, -1).equals(ready)) || `${seen} of ${ends}`;
  });
}

type Talk = (client: Client, heard: () => Buffer) => Promise<unknown>;

const talks: [what: string, talk: Talk][] = [
  ['a simple query', (client) => client.query('SELECT 1 AS a, $$x$$ AS b, NULL AS c')],
  [
    'several statements in one',
    (client) => client.query('BEGIN; SELECT 1; SELECT generate_series(1, 3); COMMIT; SELECT 2'),
  ],
  ['an empty query', (client) => client.query('')],
  ['an error', (client) => client.query('SELECT 1/0').catch(() => {})],
  [
    'notices',
    (client) => client.query(`DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$`),
  ],
  ['parameters', (client) => client.query('SELECT $1::int + 1 AS a, $2::text AS b', [41, 'ä'])],
  [
    'a named prepared statement, twice',
    async (client) => {
      const named = { name: 'one', text: 'SELECT $1::text AS a' };
      await client.query({ ...named, values: ['x'] });
      await client.query({ ...named, values: ['y'] });
    },
  ],
  [
    'a pipeline with an error in its middle',
    (client, heard) =>
      exchange(
        client,
        heard,
        ...[parse('', 'SELECT 1'), bind(''), execute(), sync],
        ...[parse('', 'SELECT 1/0'), bind(''), execute(), bind(''), execute(), sync],
        ...[parse('', 'SELECT 3'), bind(''), message('D', Buffer.from('P\0')), execute(), sync],
      ),
  ],
  [
    'a portal that is suspended',
    (client, heard) =>
      exchange(
        client,
        heard,
        ...[parse('', 'SELECT generate_series(1, 10)'), bind('')],
        ...[execute(4), execute(4), execute(4), sync],
      ),
  ],
  [
    'COPY in and out',
    async (client, heard) => {
      await exchange(client, heard, message('Q', 'CREATE TEMP TABLE t (a int, b text)'));
      await exchange(
        client,
        heard,
        message('Q', 'COPY t FROM STDIN'),
        message('d', Buffer.from('1\tone\n2\t')),
        message('d', Buffer.from('two\n')),
        message('c'),
      );
      await exchange(client, heard, message('Q', 'COPY t TO STDOUT'));
      await exchange(
        client,
        heard,
        message('Q', 'COPY t FROM STDIN'),
        message('d', Buffer.from('3\n')),
        message('f', 'never mind'),
      );
    },
  ],
  ['a row of 5 MB', (client) => client.query(`SELECT repeat('x', 5000000) AS a`)],
  [
    'a parameter of 2 MB',
    (client) => client.query('SELECT md5($1::text) AS a', ['y'.repeat(2_000_000)]),
  ],
  ['200,000 rows', (client) => client.query('SELECT generate_series(1, 200000) AS a')],
  ['a function call', (client, heard) => exchange(client, heard, functionCall())],
];

/** int4pl(1, 2), whose oid is 177. */
function functionCall(): Buffer {
  const oid = Buffer.alloc(4);
  oid.writeInt32BE(177);
  const argument = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return message('F', oid, 0, 2, argument('1'), argument('2'), 0);
}

test.each(talks)('the same bytes come with the wire and beside it: %s', async (_, talk) => {
  const sides = [];
  for (const url of [serverUrl(), the.pgCluster.masterUrl]) {
    const { client, heard } = await recorded(url);
    await talk(client, heard);
    await client.end();
    sides.push(heard());
  }
  const [beside, through] = sides;
  expect(beside?.length).toBeGreaterThan(5);
  expect(differenceOf(beside as Buffer, through as Buffer)).toBe('');
});

/** In a few words: Jest would print all of it. */
function differenceOf(one: Buffer, other: Buffer): string {
  if (one.equals(other)) return '';
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const around = (bytes: Buffer) => bytes.toString('latin1', at - 20, at + 20);
  return `at byte ${at} of ${one.length} and ${other.length}: ${around(one)} | ${around(other)}`;
}

/** Bytes that are the whole of a conversation before the login. */
const openings: [what: string, sent: Buffer][] = [
  ['SSLRequest', packet(80877103)],
  ['GSSENCRequest', packet(80877104)],
  ['a start-up packet of protocol 3.2', startup(3 * 65536 + 2, { user: 'nobody', x: 'y' })],
  ['a start-up packet of protocol 3.9999', startup(3 * 65536 + 9999, { user: 'nobody' })],
  ['a start-up packet of protocol 2', startup(2 * 65536, { user: 'nobody' })],
  ['a start-up packet without a user', startup(3 * 65536, {})],
  ['no start-up packet', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a cancel request for nobody', packet(80877102, Buffer.alloc(8))],
];

function packet(code: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, body]);
}

function startup(version: number, parameters: Record<string, string>): Buffer {
  const words = Object.entries(parameters).flat();
  return packet(version, Buffer.from([...words, ''].map((word) => `${word}\0`).join('')));
}

test.each(openings)('a server is heard as it is when it is told: %s', async (_, sent) => {
  const heard = [];
  for (const url of [serverUrl(), the.pgCluster.masterUrl]) {
    const { hostname, port } = new URL(url);
    const socket = connectTo({ host: hostname, port: Number(port), allowHalfOpen: true });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = new Promise<string>((resolve) => {
      socket.on('end', () => resolve('end'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
    socket.end(sent);
    const seen = await end;
    socket.destroy();
    // A salt is a new one each time: the method is enough.
    heard.push([seen, Buffer.concat(chunks).toString('latin1')]);
  }
  const [beside, through] = heard;
  expect(through).toEqual(beside);
});

test('a notification, a cancel and the end of a session behave as they do without a wire', async () => {
  const { client } = await recorded(the.pgCluster.masterUrl);
  const notified = new Promise((resolve) => client.once('notification', resolve));
  await client.query('LISTEN here');
  await the.pgCluster.master.query(`NOTIFY here, 'hello'`);
  await expect(notified).resolves.toMatchObject({ channel: 'here', payload: 'hello' });

  const sleep = client.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
  await until('it to sleep', async () => {
    const [row] = await the.pgCluster.master.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'`,
    );
    return row?.n === 1;
  });
  const { processID, secretKey } = client as unknown as Record<string, number>;
  const { hostname, port } = new URL(the.pgCluster.masterUrl);
  const key = Buffer.alloc(8);
  key.writeInt32BE(processID ?? 0);
  key.writeInt32BE(secretKey ?? 0, 4);
  connectTo({ host: hostname, port: Number(port) }).end(packet(80877102, key));
  await expect(sleep).resolves.toMatchObject({ code: '57014' });

  await client.end();
  await until('its session to be gone', async () => {
    const rows = await the.pgCluster.master.query(`SELECT FROM pg_stat_activity WHERE pid = $1`, [
      processID,
    ]);
    return rows.length === 0;
  });
});

test('a logical replication connection streams through the wire', async () => {
  const url = new URL(the.pgCluster.masterUrl);
  url.searchParams.set('replication', 'database');
  await the.pgCluster.master.query('ALTER ROLE testsuite REPLICATION');
  await the.pgCluster.master.query('CREATE TABLE decoded (a text)');
  const { client, heard } = await recorded(url.href);
  await client.query(`CREATE_REPLICATION_SLOT through TEMPORARY LOGICAL test_decoding`);
  socketOf(client).write(message('Q', 'START_REPLICATION SLOT through LOGICAL 0/0'));
  const word = randomBytes(8).toString('hex');
  await the.pgCluster.master.query('INSERT INTO decoded VALUES ($1)', [word]);
  await until('the change', () => heard().includes(word));
  socketOf(client).destroy();
});

test('a client that does not read does not make the wire grow', async () => {
  const { client } = await recorded(the.pgCluster.masterUrl);
  const before = memoryOf(Wire.ofProcess.pid);
  const all = client.query('SELECT repeat($$x$$, 1000) FROM generate_series(1, 300000)');
  all.catch(() => {});
  socketOf(client).pause();
  await until('the server to wait for it', async () => {
    const [row] = await the.pgCluster.master.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'ClientWrite'`,
    );
    return row?.n === 1;
  });
  expect(memoryOf(Wire.ofProcess.pid) - before).toBeLessThan(30_000_000);
  socketOf(client).destroy();
});
