import type { Ledger } from '../../../src/cluster/ledger/ledger';
import { start, useCluster } from '../../support/cluster';
import { failure } from '../../support/failure';
import { rows } from '../../support/rows';
import { until } from '../../support/until';
import { fromOutside } from '../outside';
import '../../../src/jest/matchers/matchers';

describe('a ledger', () => {
  const the = useCluster({ slaves: 1 });
  const open: Ledger[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((ledger) => ledger.stop()));
    await the.pgCluster.heal();
  });

  async function ledgerOf(o?: Parameters<typeof the.pgCluster.ledger>[0]): Promise<Ledger> {
    const ledger = await the.pgCluster.ledger(o);
    open.push(ledger);
    return ledger;
  }

  const sessions = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE '% ledger'`;

  /** A connection may still be on its way while others write. */
  const untilWriting = (connections: number) =>
    until(`${connections} connections to write`, async () => {
      const writing = `${sessions} AND query LIKE 'INSERT%'`;
      return (await the.pgCluster.master.query<{ n: number }>(writing))[0]?.n === connections;
    });

  test('writes until it is stopped, and finds every write', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf({ connections: 3, intervalMs: 0 });
    await ledger.waitFor('acknowledged', 200);
    await untilWriting(3);
    await expect(pgCluster.master.query(sessions)).resolves.toEqual([{ n: 3 }]);
    expect(await ledger.verify()).toHaveLostNothing();

    await ledger.stop();
    await ledger.stop();
    const report = await ledger.verify();
    expect(report).toHaveLostNothing();
    expect(report).toMatchObject({ node: 'pg0', failed: 0, unknown: 0, inFlight: 0 });
    expect(report.acknowledged).toBeGreaterThan(200);
    expect(report.written).toBe(report.acknowledged);
    await expect(
      rows(pgCluster.masterUrl, `SELECT count(*)::int AS n FROM ${ledger.table}`),
    ).resolves.toEqual([{ n: report.written }]);
    await expect(pgCluster.master.query(sessions)).resolves.toEqual([{ n: 0 }]);
  });

  test('a frozen master makes writes under way unknown, and nothing is lost', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf({ timeoutMs: 1000, intervalMs: 0 });
    await untilWriting(2);
    const cut = ledger.waitFor('unknown', 2);
    await pgCluster.pauseMaster();
    await cut;
    // What comes after them is never sent: there is no connection to be had.
    await ledger.waitFor('failed', 2);
    await expect(ledger.verify()).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_STATE' });
    await pgCluster.unpauseMaster();
    await ledger.waitFor('acknowledged', 10);
    await ledger.stop();
    const report = await ledger.verify();
    expect(report).toHaveLostNothing();
    expect(report.unknown).toBe(2);
    expect(report.failed).toBeGreaterThanOrEqual(2);
  });

  test('a killed master that comes back has all that it acknowledged', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf({ connections: 4, intervalMs: 0 });
    await ledger.waitFor('acknowledged', 100);
    await fromOutside.kill(pgCluster, 'pg0');
    await ledger.waitFor('failed');
    await pgCluster.startMaster();
    await ledger.waitFor('acknowledged', 100);
    await ledger.stop();
    const report = await ledger.verify();
    expect(report).toHaveLostNothing();
    expect(report.failed).toBeGreaterThan(0);
  });

  test('dropped connections make writes unknown, a read-only master makes them fail', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf({ connections: 4, intervalMs: 0, timeoutMs: 20_000 });
    // Keeps them waiting, so that they are surely under way; the handle's own session is not dropped.
    const lock = `BEGIN; LOCK TABLE ${ledger.table} IN EXCLUSIVE MODE; SELECT pg_sleep(9)`;
    const locked = pgCluster.master.query(lock).catch(() => {});
    await until('all four writers to wait for the lock', async () => {
      const waiting = await pgCluster.master.query('SELECT FROM pg_locks WHERE NOT granted');
      return waiting.length === 4 ? true : `${waiting.length} wait`;
    });
    const unknown = ledger.waitFor('unknown', 4);
    await pgCluster.master.dropConnections();
    await unknown;
    await pgCluster.master.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = $1',
      [lock],
    );
    await locked;
    await ledger.waitFor('acknowledged', 20);
    await pgCluster.master.readOnly();
    await ledger.waitFor('failed', 20);
    await pgCluster.master.readOnly(false);
    await ledger.waitFor('acknowledged', 20);
    await ledger.stop();
    expect(await ledger.verify()).toHaveLostNothing();
  });

  test('a lost row and forged rows are found and reported by number', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf();
    await ledger.waitFor('acknowledged', 10);
    await pgCluster.master.readOnly();
    await ledger.waitFor('failed');
    await pgCluster.master.readOnly(false);
    await ledger.stop();
    const refused = await firstFailed(ledger);
    await rows(pgCluster.masterUrl, `DELETE FROM ${ledger.table} WHERE id = 3`);
    await rows(
      pgCluster.masterUrl,
      `INSERT INTO ${ledger.table} VALUES (-7), (100000000), (${refused})`,
    );
    const report = await ledger.verify();
    expect(report).toMatchObject({ missing: [3], unexpected: [-7, refused, 100000000] });
    expect(() => expect(report).toHaveLostNothing()).toThrow(/missing on pg0: 3\n/);
  });

  /** The id of the first write that left a gap. */
  async function firstFailed(ledger: Ledger): Promise<number> {
    const [row] = await the.pgCluster.master.query<{ id: number }>(
      `SELECT id::int FROM generate_series(1, ${ledger.counts.written}) AS id
      WHERE id NOT IN (SELECT id FROM ${ledger.table}) ORDER BY id LIMIT 1`,
    );
    return row?.id ?? 0;
  }

  test('a master that never got the table has lost all', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf();
    await ledger.waitFor('acknowledged', 5);
    await ledger.stop();
    await pgCluster.master.query(`DROP TABLE ${ledger.table}`);
    const report = await ledger.verify();
    expect(report.missing).toHaveLength(report.acknowledged);
  });

  test('a wait that times out says why; waiting for a stopped ledger is refused', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf();
    await pgCluster.master.readOnly();
    await ledger.waitFor('failed');
    await expect(ledger.waitFor('acknowledged', 3, { timeoutMs: 100 })).rejects.toMatchObject(
      failure(
        'TIMEOUT',
        /for 3 more writes of the ledger to be acknowledged; last seen: .* cannot execute INSERT in a read-only transaction/,
      ),
    );
    await ledger.stop();
    await expect(ledger.waitFor('acknowledged')).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_STATE',
    });
  });

  test('cannot begin on a master that does not run, or with invalid options', async () => {
    const { pgCluster } = the;
    await pgCluster.pauseMaster();
    await expect(pgCluster.ledger()).rejects.toMatchObject(
      failure('STATE', /^pg0 cannot take the writes of a ledger: .*unpause it first$/),
    );
    await expect(
      pgCluster.ledger({ connections: 0, interval: 3 } as Parameters<typeof pgCluster.ledger>[0]),
    ).rejects.toMatchObject(
      failure('ARGUMENT', /connections must be a whole number from 1.*unknown option "interval"/),
    );
  });

  test('begins while every write fails, and counts the failures', async () => {
    const { pgCluster } = the;
    await pgCluster.master.readOnly();
    const ledger = await ledgerOf();
    await ledger.waitFor('failed', 5);
    expect(ledger.counts).toMatchObject({ acknowledged: 0, unknown: 0 });
    await pgCluster.master.readOnly(false);
    await ledger.waitFor('acknowledged', 5);
    await ledger.stop();
    expect(await ledger.verify()).toHaveLostNothing();
  });

  test('cannot begin on a master that is cut off, and says so at once', async () => {
    const { pgCluster } = the;
    await pgCluster.master.disconnect({ from: 'clients' });
    await expect(pgCluster.ledger()).rejects.toMatchObject(
      failure('STATE', 'disconnected from its clients'),
    );
  });

  test('does not write to a former master that still takes writes', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf({ connections: 2 });
    await pgCluster.waitForCatchup();
    const former = pgCluster.master;
    const master = await pgCluster.failover({ force: true });
    const { written } = ledger.counts;
    await ledger.waitFor('acknowledged', 20);
    await ledger.stop();
    const report = await ledger.verify();
    expect(report).toMatchObject({ node: master.name, unexpected: [] });
    // One a connection may have been under way when the master changed.
    const later = `SELECT id FROM ${ledger.table} WHERE id > ${written + 2}`;
    await expect(former.query(later)).resolves.toEqual([]);
    expect(report.missing.filter((id) => id > written + 2)).toEqual([]);
  });

  test('follows the master', async () => {
    const { pgCluster } = the;
    const ledger = await ledgerOf();
    await pgCluster.waitForCatchup();
    await pgCluster.killMaster();
    const master = await pgCluster.failover();
    await ledger.waitFor('acknowledged', 20);
    await ledger.stop();
    expect(await ledger.verify()).toMatchObject({ node: master.name, unexpected: [] });
  });
});

test('the end of the cluster ends a ledger that was left running', async () => {
  let ledger: Ledger;
  {
    await using the = await start({ slaves: 0 });
    ledger = await the.pgCluster.ledger({ intervalMs: 0 });
    await ledger.waitFor('acknowledged', 10);
  }
  await expect(ledger.waitFor('failed')).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_STATE' });
  await ledger.stop();
  expect(ledger.counts.inFlight).toBe(0);
  await expect(ledger.verify()).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_CLOSED' });
});

describe('with a synchronous slave', () => {
  const sync = useCluster({ slaves: 1, synchronous: 1 });

  test('a ledger begins while no commit is confirmed', async () => {
    await sync.pgCluster.pauseSlave();
    const ledger = await sync.pgCluster.ledger({ timeoutMs: 5000 });
    expect(ledger.counts).toMatchObject({ acknowledged: 0, failed: 0, unknown: 0, inFlight: 2 });
    await sync.pgCluster.heal();
    await ledger.waitFor('acknowledged', 5);
    await ledger.stop();
    expect(await ledger.verify()).toHaveLostNothing();
  });

  test('a commit that nobody confirms is unknown, also when its wait is cancelled', async () => {
    const { pgCluster } = sync;
    const ledger = await pgCluster.ledger({ connections: 1, timeoutMs: 10_000 });
    try {
      await pgCluster.pauseSlave();
      const unknown = ledger.waitFor('unknown', 1);
      const cancel = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`;
      await until(
        'a commit that waits',
        async () => (await pgCluster.master.query(cancel)).length > 0,
      );
      await unknown;
      await pgCluster.heal();
      await ledger.waitFor('acknowledged', 5);
      const report = await ledger.verify();
      expect(report).toHaveLostNothing();
      expect(report).toMatchObject({ unknown: 1, unknownPresent: 1 });
    } finally {
      await pgCluster.heal();
      await ledger.stop();
    }
  });
});
