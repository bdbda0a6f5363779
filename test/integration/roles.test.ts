import { Client } from 'pg';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { start } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';

// What an engine has part in. What roles mean, whatever runs the nodes, is in domain/.

/** Most tests change the cluster for good, so each has its own. */
afterEach(expectNothingLeft);

const streaming = async (pgCluster: PgCluster) => {
  const { nodes } = await pgCluster.status();
  return nodes.filter((node) => node.streaming).map(({ name }) => name);
};
const session = async (connectionString: string) => {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
};
const roles = (pgCluster: PgCluster) => pgCluster.nodes.map(({ role }) => role);
const count = async (url: string) => (await rows(url, 'SELECT count(*)::int AS n FROM t'))[0]?.n;

test('failover of a killed master: a slave takes writes, the other follows it, the old one rejoins', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  const old = pgCluster.master;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
  await pgCluster.waitForCatchup();
  await pgCluster.killMaster();
  const master = await pgCluster.failover();
  expect(pgCluster.master).toBe(master);
  expect(pgCluster.masterUrl).toBe(master.url);
  expect(old.role).toBe('slave');
  await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)');
  const other = pgCluster.slaves.find((node) => node !== old);
  if (!other) throw new Error('no other slave');
  await pgCluster.waitForCatchup({ node: other });
  await expect(count(other.url)).resolves.toBe(2);

  await pgCluster.rejoin(old);
  await pgCluster.waitForCatchup();
  await expect(count(old.url)).resolves.toBe(2);
  expect(await streaming(pgCluster)).toEqual(pgCluster.slaves.map(({ name }) => name));
  expect((await pgCluster.status()).nodes.map((n) => n.timelineId)).toEqual([2, 2, 2]);
});

test('rejoin of a diverged master drops its lost writes and says how much that was', async () => {
  await using the = await start({ slaves: 1 });
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
  await pgCluster.waitForCatchup();
  const old = pgCluster.master;
  await pgCluster.node('pg1').kill();
  await rows(old.url, 'INSERT INTO t SELECT generate_series(1, 1000)');
  await pgCluster.killMaster();
  await pgCluster.node('pg1').start();
  await pgCluster.failover();
  await expect(pgCluster.rejoin('pg9')).rejects.toMatchObject(
    failure('ARGUMENT', 'there is no node "pg9"; there are pg0, pg1'),
  );
  await pgCluster.rejoin('pg0');
  await expect(count(old.url)).resolves.toBe(0);
  const event = pgCluster.timeline.findLast(({ act }) => act === 'rejoin');
  const bytes = Number(/; (\d+) bytes of its WAL were dropped$/.exec(event?.detail ?? '')?.[1]);
  // A thousand rows are some 60 bytes of WAL each.
  expect(bytes).toBeGreaterThan(40_000);
  expect(bytes).toBeLessThan(1_000_000);
  const before = pgCluster.timeline.length;
  await pgCluster.rejoin(old);
  expect(pgCluster.timeline[before]).toMatchObject({ act: 'rejoin', outcome: 'unchanged' });
  await expect(pgCluster.rejoin(pgCluster.master)).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_STATE',
  });
});

test('switchover loses nothing, and the old master comes back as a slave where it was', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  const old = pgCluster.master;
  const { port } = old;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT generate_series(1, 100) AS a');
  const to = pgCluster.node('pg2');
  await expect(pgCluster.switchover({ to })).resolves.toBe(to);
  expect(roles(pgCluster)).toEqual(['slave', 'slave', 'master']);
  expect(old).toMatchObject({ port, role: 'slave', state: 'running' });
  await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (101)');
  await pgCluster.waitForCatchup();
  for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(101);
  await pgCluster.switchover({ to: old });
  expect(roles(pgCluster)).toEqual(['master', 'slave', 'slave']);
  expect(await streaming(pgCluster)).toEqual(['pg1', 'pg2']);
  // Each begins a timeline, which all have to be on when it resolves.
  for (let left = engine === 'local' ? 10 : 3; left > 0; left -= 1) {
    const master = await pgCluster.switchover();
    const others = pgCluster.nodes.filter((node) => node !== master);
    expect(await streaming(pgCluster)).toEqual(others.map(({ name }) => name));
  }
});

test('slaves can be added and removed', async () => {
  await using the = await start({ slaves: 1, synchronous: 1 });
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
  const open = await Promise.all(Array.from({ length: 20 }, () => session(pgCluster.masterUrl)));
  const expectNames = async (names: string) => {
    const shown = open.map((client) => client.query('SHOW synchronous_standby_names'));
    for (const { rows } of await Promise.all(shown)) {
      expect(rows).toEqual([{ synchronous_standby_names: names }]);
    }
  };
  const added = await pgCluster.addSlave({ slot: true });
  await expectNames('ANY 1 (pg1, pg2)');
  expect(added.name).toBe('pg2');
  expect(pgCluster.slaves.map(({ name }) => name)).toEqual(['pg1', 'pg2']);
  await expect(count(added.url)).resolves.toBe(1);
  const slots = 'SELECT slot_name FROM pg_replication_slots';
  await expect(pgCluster.master.query(slots)).resolves.toEqual([{ slot_name: 'pg2' }]);
  expect((await pgCluster.status()).nodes.map((n) => n.syncState)).toEqual([
    null,
    'quorum',
    'quorum',
  ]);

  await pgCluster.removeSlave(pgCluster.node('pg1'));
  await expectNames('ANY 1 (pg2)');
  await Promise.all(open.map((client) => client.end()));
  expect(pgCluster.nodes.map(({ name }) => name)).toEqual(['pg0', 'pg2']);
  await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)');
  await expect(pgCluster.removeSlave(added)).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_STATE',
    message:
      'pg2 cannot be removed: each commit waits for 1 of the synchronous slaves, and there are only these: pg2; addSlave({ synchronous: true }) first',
  });
  expect((await pgCluster.addSlave()).name).toBe('pg3');
  await pgCluster.removeSlave(added);
  await expect(pgCluster.master.query(slots)).resolves.toEqual([]);
  await expect(added.pause()).rejects.toMatchObject(
    failure('STATE', 'pg2 was removed from the cluster; there are pg0'),
  );
  await expect(pgCluster.removeSlave(pgCluster.master)).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_STATE',
  });
  await expect(pgCluster.addSlave({ slot: 1 } as never)).rejects.toMatchObject(
    failure('ARGUMENT', 'slot must be true or false'),
  );
});

test('a cascade with slots survives the promotion of its upstream, and its loss', async () => {
  await using the = await start({
    slaves: [{ slot: true }, { upstream: 'pg1', slot: true }, { slot: true }],
  });
  const { pgCluster } = the;
  const senders = async (name: string) => {
    const sql = 'SELECT application_name AS n FROM pg_stat_replication ORDER BY 1';
    return (await pgCluster.node(name).query<{ n: string }>(sql)).map(({ n }) => n);
  };
  expect(await senders('pg0')).toEqual(['pg1', 'pg3']);
  expect(await senders('pg1')).toEqual(['pg2']);

  await pgCluster.killMaster();
  await pgCluster.failover({ to: pgCluster.node('pg1') });
  expect(await senders('pg1')).toEqual(['pg2', 'pg3']);
  await pgCluster.heal();
  expect(await senders('pg1')).toEqual(['pg0', 'pg2', 'pg3']);
  const slots = `SELECT slot_name::text AS n FROM pg_replication_slots WHERE active ORDER BY 1`;
  const active = await pgCluster.master.query<{ n: string }>(slots);
  expect(active.map(({ n }) => n)).toEqual(['pg2', 'pg3']);
});
