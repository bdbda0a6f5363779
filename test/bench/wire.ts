import type { Socket } from 'node:net';
import { Client, Pool } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { urlOfNodes } from '../../src/cluster/ways-in';
import { openEngine } from '../../src/engine/open-engine';
import type { EngineKind } from '../../src/engine/registry';
import { takeOptions } from '../../src/options/take-options';
import { Wire } from '../../src/wire/wire';
import type { WiredNode } from '../../src/wire/wired-node';
import { memoryOf } from '../support/memory';
import { BareProxy } from './bare-proxy';
import type { Series } from './table';

/** Of each way, in turns, so that all see the same machine. */
const queries = 3000;
const turn = 100;
const clients = 8;
const megabytes = 100;
/** How many connections there are at once while memory is looked at. */
const many = 1000;

/**
 * What the wire costs: small queries, eight clients at once, and COPY, through it, beside it
 * and through a proxy that does nothing else, to the same server. Milliseconds; a COPY of 100 MB takes some hundreds of them.
 */
export async function measureWire(engine: EngineKind, rounds: number): Promise<Series> {
  const settings = { max_connections: many + 50 };
  const { options } = takeOptions({ engine, slaves: 0, settings }, __dirname);
  const cluster = await startCluster(await openEngine(options), options);
  const series: Series = {};
  const add = (what: string, ms: number) => {
    const name = `${what}, ${engine}`;
    series[name] = [...(series[name] ?? []), ms];
  };
  let proxy: BareProxy | undefined;
  try {
    const through = urlOfNodes(cluster, [cluster.master]);
    const beside = new URL(through);
    const { server } = cluster.master.engineNode as WiredNode;
    beside.host = `${server.host}:${server.port}`;
    proxy = await BareProxy.to(server);
    const byProxy = new URL(through);
    byProxy.host = `127.0.0.1:${proxy.port}`;
    const ways = {
      'the server itself': beside.href,
      'through a bare proxy': byProxy.href,
      'through the wire': through,
    };
    await fill(through);
    for (let round = 0; round < rounds; round += 1) {
      for (const [way, times] of Object.entries(await oneByOne(ways))) {
        add(`a query, ${way}`, at(times, 0.5));
        add(`the slowest of 100 queries, ${way}`, at(times, 0.99));
      }
      for (const [way, ms] of Object.entries(await atOnce(ways))) {
        add(`a query of ${clients} clients at once, ${way}`, ms);
      }
      for (const [way, url] of Object.entries(ways)) {
        add(`COPY of ${megabytes} MB, ${way}`, await copy(url));
      }
    }
    return series;
  } finally {
    proxy?.end();
    await removeCluster(cluster, Deadline.in(30_000));
  }
}

/** The memory of the wire's process: at its start, after that work, and with 1,000 connections. */
export async function measureWireMemory(): Promise<Series> {
  const settings = { max_connections: many + 50 };
  const { options } = takeOptions({ engine: 'local', slaves: 0, settings }, __dirname);
  const cluster = await startCluster(await openEngine(options), options);
  const now = () => [memoryOf(Wire.ofProcess.pid) / 1_000_000];
  try {
    const url = urlOfNodes(cluster, [cluster.master]);
    const series: Series = { 'the wire, idle': now() };
    for (let copies = 0; copies < 5; copies += 1) await oneByOne({ url });
    series['the wire, after 15,000 queries'] = now();
    await fill(url);
    await copy(url);
    series[`the wire, after a COPY of ${megabytes} MB`] = now();
    const pool = new Pool({ connectionString: url, max: many });
    await Promise.all(Array.from({ length: many }, () => pool.query('SELECT pg_sleep(1)')));
    series[`the wire, with ${many} connections`] = now();
    await pool.end();
    return series;
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
}

async function fill(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  await client.query(
    `CREATE TABLE filled AS SELECT repeat('x', 99) FROM generate_series(1, ${megabytes * 10_000})`,
  );
  await client.end();
}

/** The times of single queries, sorted, by way. */
async function oneByOne(ways: Record<string, string>): Promise<Record<string, number[]>> {
  const open = await Promise.all(
    Object.entries(ways).map(async ([way, url]) => {
      const client = new Client(url);
      await client.connect();
      return { way, client, times: [] as number[] };
    }),
  );
  for (let done = 0; done < queries; done += turn) {
    for (const { client, times } of open) {
      for (let query = 0; query < turn; query += 1) {
        const startedAt = performance.now();
        await client.query('SELECT $1::int', [query]);
        times.push(performance.now() - startedAt);
      }
    }
  }
  await Promise.all(open.map(({ client }) => client.end()));
  return Object.fromEntries(
    open.map(({ way, times }) => [way, times.sort((one, other) => one - other)]),
  );
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

/** How long a query takes on average, while so many clients ask, by way. */
async function atOnce(ways: Record<string, string>): Promise<Record<string, number>> {
  const open = Object.entries(ways).map(([way, connectionString]) => {
    const pool = new Pool({ connectionString, max: clients });
    const ask = (count: number) =>
      Promise.all(Array.from({ length: count }, () => pool.query('SELECT 1')));
    return { way, pool, ask, ms: 0 };
  });
  for (const { ask } of open) await ask(clients);
  for (let done = 0; done < queries; done += turn) {
    for (const one of open) {
      const startedAt = performance.now();
      await one.ask(turn);
      one.ms += (performance.now() - startedAt) / queries;
    }
  }
  await Promise.all(open.map(({ pool }) => pool.end()));
  return Object.fromEntries(open.map(({ way, ms }) => [way, ms]));
}

async function copy(url: string): Promise<number> {
  const client = new Client(url);
  await client.connect();
  // pg reads no COPY by itself; its socket is enough.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.on('data', () => {});
  const startedAt = performance.now();
  await client.query('COPY filled TO STDOUT');
  const ms = performance.now() - startedAt;
  await client.end();
  return ms;
}
