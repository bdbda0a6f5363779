import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import postgres from 'postgres';
import type { PgCluster } from '../../../src/handle/pg-cluster';
import type { PgNode } from '../../../src/handle/pg-node';
import { useCluster } from '../../support/cluster';

const the = useCluster({ slaves: 2 });
const connectMs = 1500;
const asked = `SELECT current_setting('cluster_name') AS name, pg_is_in_recovery() AS slave`;

type Wanted = 'primary' | 'standby';
/** The name of the node that an application arrives at; undefined if it arrives nowhere. */
type Find = (c: PgCluster, order: string[], wanted: Wanted) => Promise<string | undefined>;

/** pg knows one host at a time: the application goes through them. */
const byLoop: Find = async (pgCluster, order, wanted) => {
  for (const name of order) {
    const client = new Client({
      connectionString: pgCluster.node(name).url,
      connectionTimeoutMillis: connectMs,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const [row] = (await client.query(asked)).rows;
      if (row.slave === (wanted === 'standby')) return row.name;
    } catch {
      // The next one.
    } finally {
      client.end().catch(() => {});
    }
  }
  return undefined;
};

/**
 * postgres.js takes all hosts in one URL. It goes on to the next by itself when one refuses; when
 * one does not answer in time it fails, and goes on when the application tries again.
 */
const byDriver: Find = async (pgCluster, order, wanted) => {
  const sql = postgres(pgCluster.url({ order, targetSessionAttrs: wanted }), {
    max: 1,
    connect_timeout: connectMs / 1000,
    fetch_types: false,
  });
  try {
    for (const _ of order) {
      const answer = sql.unsafe(asked).then(
        ([row]) => row?.name as string,
        () => undefined,
      );
      const name = await Promise.race([answer, delay(3 * connectMs)]);
      if (name) return name;
    }
    return undefined;
  } finally {
    await sql.end({ timeout: 0 });
  }
};

const orders = [
  ['pg0', 'pg1', 'pg2'],
  ['pg0', 'pg2', 'pg1'],
  ['pg1', 'pg0', 'pg2'],
  ['pg1', 'pg2', 'pg0'],
  ['pg2', 'pg0', 'pg1'],
  ['pg2', 'pg1', 'pg0'],
];
const faults: [was: string, fault: (node: PgNode) => Promise<void>][] = [
  ['paused', (node) => node.pause()],
  ['killed', (node) => node.kill()],
  ['disconnected', (node) => node.disconnect({ from: 'clients' })],
];

afterEach(() => the.pgCluster.heal());

test.each(orders)('all up, in the order %s, %s, %s', async (...order) => {
  const firstSlave = order.find((name) => name !== 'pg0');
  for (const find of [byLoop, byDriver]) {
    expect(await find(the.pgCluster, order, 'primary')).toBe('pg0');
    expect(await find(the.pgCluster, order, 'standby')).toBe(firstSlave);
  }
});

/** Slaves are alike: of orders that differ in them alone, one. */
const distinct = [0, 2, 3].map((index) => orders[index] ?? []);

describe.each(faults)('the first host is %s', (_, fault) => {
  test.each(distinct)('%s, before %s and %s', async (...order) => {
    const { pgCluster } = the;
    const [first = '', ...others] = order;
    await fault(pgCluster.node(first));
    // At the same time, since each waits for the first host.
    const ask = (wanted: Wanted) =>
      Promise.all([byLoop, byDriver].map((find) => find(pgCluster, order, wanted)));
    const slave = others.find((name) => name !== 'pg0');
    if (first === 'pg0') {
      const nobody = byLoop(pgCluster, order, 'primary');
      expect(await ask('standby')).toEqual([slave, slave]);
      // Without a master there is nobody to write to, until one is promoted or comes back.
      expect(await nobody).toBeUndefined();
    } else {
      const found = await Promise.all([ask('standby'), ask('primary')]);
      expect(found).toEqual([
        [slave, slave],
        ['pg0', 'pg0'],
      ]);
    }
    await pgCluster.heal();
    for (const find of [byLoop, byDriver]) {
      expect(await find(pgCluster, order, 'primary')).toBe('pg0');
    }
  });
});
