import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import postgres from 'postgres';
import { Wire } from '../../../../src/wire/wire';
import { start, useCluster } from '../../../support/cluster';
import { gssRequest, sslRequest } from '../../../support/pg-messages';
import { expectToHang, rows } from '../../../support/rows';
import { caOf, connected, howEncrypted, isEncrypted, plainUrl } from '../../../support/tls-clients';
import { until } from '../../../support/until';
import { endOf } from '../../../support/wire-end';

const the = useCluster({ tls: 'required', slaves: 1 });
afterEach(() => the.pgCluster.heal());

const connect = () => connected({ connectionString: the.pgCluster.masterUrl });

async function ms(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** A client that has asked for TLS, and was told yes. */
async function halfWay(): Promise<Socket> {
  const { host, port } = the.pgCluster.master;
  const socket = createConnection({ host, port });
  socket.on('error', () => {});
  socket.write(sslRequest);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toBe('S');
  return socket;
}

/** What comes of it when that client goes on. */
function goOn(socket: Socket): { seen: string } {
  const outcome = { seen: 'nothing' };
  const secured = connectTls({ socket, ca: caOf(the.pgCluster), servername: 'localhost' });
  secured.on('secureConnect', () => {
    outcome.seen = 'TLS';
  });
  secured.on('error', (error: NodeJS.ErrnoException) => {
    outcome.seen = error.code ?? error.message;
  });
  return outcome;
}

const aWhile = () => new Promise((resolve) => setTimeout(resolve, 300));

test('a reply is lost, and the server has done it', async () => {
  const { master } = the.pgCluster;
  await master.query('CREATE TABLE cut (a int); GRANT ALL ON cut TO PUBLIC');
  const trap = await master.cutAt(/^insert into cut/i);
  const client = await connect();
  const insert = client.query('INSERT INTO cut VALUES ($1)', [1]);
  await expect(insert).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(await trap.hit()).toMatchObject({ tag: 'INSERT 0 1' });
  expect(await master.query('TABLE cut')).toEqual([{ a: 1 }]);
});

test('what clients run is told', async () => {
  const { master } = the.pgCluster;
  await rows(master.url, 'SELECT 1 AS told');
  const [told] = await master.queries({ matching: /told/ });
  expect(told).toMatchObject({ sql: 'SELECT 1 AS told', user: 'testsuite', tag: 'SELECT 1' });
});

test('a slow network slows what is said before TLS, TLS itself, and each query', async () => {
  const { master } = the.pgCluster;
  await master.throttle({ latencyMs: 300 });
  const startedAt = performance.now();
  const client = await connect();
  // One round trip for the request, one for TLS, three for the login.
  expect(performance.now() - startedAt).toBeGreaterThan(1490);
  expect(await ms(() => client.query('SELECT 1'))).toBeGreaterThan(290);
  await master.throttle({ latencyMs: 60_000 });
  const late = connect();
  await aWhile();
  await master.unthrottle();
  await (await late).end();
  await client.end();
});

test('connections are reset, also before TLS has begun', async () => {
  const { master } = the.pgCluster;
  const client = await connect();
  const early = await halfWay();
  const end = endOf(early);
  expect(await master.resetConnections()).toBe(2);
  await expect(client.lost).resolves.toMatchObject({ code: 'ECONNRESET' });
  await expect(end).resolves.toBe('ECONNRESET');
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});

test('a silenced client hears nothing, and is reset afterwards; so is one on its way to TLS', async () => {
  const { master } = the.pgCluster;
  const client = await connect();
  const early = await halfWay();
  expect(await master.silenceConnections()).toBe(2);
  const query = client.query('SELECT 1');
  query.catch(() => {});
  const outcome = goOn(early);
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  await expect(Promise.race([query, aWhile().then(() => 'nothing')])).resolves.toBe('nothing');
  expect(outcome.seen).toBe('nothing');
  await the.pgCluster.heal();
  await expect(query).rejects.toMatchObject({ code: 'ECONNRESET' });
  await until('the other one to be reset', () => outcome.seen === 'ECONNRESET' || outcome.seen);
});

test('new clients are refused in TLS, or without it, as they asked', async () => {
  const { master } = the.pgCluster;
  const client = await connect();
  await master.refuseConnections();
  const refused = { code: '57P03', message: 'the database system is starting up' };
  for (const url of [master.url, `${master.url}&sslnegotiation=direct`, plainUrl(master.url)]) {
    await expect(rows(url, 'SELECT 1')).rejects.toMatchObject(refused);
  }
  await expect(client.query(howEncrypted)).resolves.toMatchObject({ rows: isEncrypted });
  await client.end();
});

test('cut off in the middle of its way to TLS, a client goes on where it was', async () => {
  const { master } = the.pgCluster;
  const early = await halfWay();
  await master.disconnect({ from: 'clients' });
  await expectToHang(master.url);
  const outcome = goOn(early);
  await aWhile();
  expect(outcome.seen).toBe('nothing');
  await master.reconnect();
  await until('TLS', () => outcome.seen === 'TLS' || outcome.seen);
  early.destroy();
});

test('a paused server hangs, also for who has asked for TLS, and then goes on', async () => {
  const { master } = the.pgCluster;
  const early = await halfWay();
  await master.pause();
  await expectToHang(master.url);
  const outcome = goOn(early);
  await aWhile();
  expect(outcome.seen).toBe('nothing');
  await master.unpause();
  await until('TLS', () => outcome.seen === 'TLS' || outcome.seen);
  early.destroy();
});

test('a server that is killed ends its clients', async () => {
  const client = await connect();
  await the.pgCluster.killMaster();
  await expect(client.lost).resolves.toBeInstanceOf(Error);
  await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('20 MB go through whole, both ways', async () => {
  const { pgCluster } = the;
  const sql = postgres(plainUrl(pgCluster.masterUrl), { ssl: { ca: caOf(pgCluster) }, max: 1 });
  await sql`CREATE TABLE big (a text)`;
  const sent = createHash('sha256');
  const lines = function* () {
    for (let n = 0; n < 320; n += 1) {
      const line = `${randomBytes(32_000).toString('hex')}\n`;
      sent.update(line);
      yield line;
    }
  };
  await pipeline(lines, await sql`COPY big FROM STDIN`.writable());
  const [row] = await sql`SELECT sum(length(a) + 1)::int AS bytes FROM big`;
  expect(row).toEqual({ bytes: 320 * 64_001 });
  const got = createHash('sha256');
  await pipeline(await sql`COPY big TO STDOUT`.readable(), got);
  expect(got.digest('hex')).toBe(sent.digest('hex'));
  await sql.end();
});

test('a request for Kerberos is answered as the server does, and TLS can be asked for then', async () => {
  const { host, port } = the.pgCluster.master;
  const socket = createConnection({ host, port });
  socket.write(gssRequest);
  const [answer] = await once(socket, 'data');
  // Debian's servers know it, those from npm do not.
  expect(['N', 'G']).toContain(String(answer));
  if (String(answer) === 'N') {
    socket.write(sslRequest);
    const [second] = await once(socket, 'data');
    expect(String(second)).toBe('S');
    const outcome = goOn(socket);
    await until('TLS', () => outcome.seen === 'TLS' || outcome.seen);
  }
  socket.destroy();
});

test('a wire that takes the place of one that has ended speaks TLS as well', async () => {
  const { master } = the.pgCluster;
  const wire = Wire.ofProcess;
  process.kill(wire.pid ?? 0, 'SIGKILL');
  await until('its end to be known', () => wire.hasEnded);
  await expect(connect()).rejects.toThrow(/ECONNREFUSED/);
  await the.pgCluster.reset();
  await expect(rows(master.url, howEncrypted)).resolves.toEqual(isEncrypted);
});

test('that the wire stands there, servers log nothing of', async () => {
  await using other = await start({ tls: true, slaves: 0 });
  const { master } = other.pgCluster;
  await master.restart();
  await rows(master.url, 'SELECT 1');
  await rows(plainUrl(master.url), 'SELECT 1');
  const log = await master.logs();
  expect(log.match(/ready to accept connections/g)).toHaveLength(2);
  expect(log).not.toMatch(/SSL|GSSAPI|startup packet|could not/);
});

test('a server out of connections says so to clients that speak TLS', async () => {
  const { master } = the.pgCluster;
  await expect(master.exhaustConnections()).resolves.toBeGreaterThan(0);
  await expect(connect()).rejects.toMatchObject({ code: '53300' });
  await master.releaseConnections();
  await expect(rows(master.url, howEncrypted)).resolves.toEqual(isEncrypted);
});
