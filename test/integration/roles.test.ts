import { Client, type ClientConfig } from 'pg';
import { addSlave } from '../../src/cluster/lifecycle/membership';
import { ownSettings } from '../../src/cluster/settings/cluster-settings';
import type { PgCluster } from '../../src/handle/pg-cluster';
import type { PgNode } from '../../src/handle/pg-node';
import { start } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';
import { fromOutside } from './outside';

/** What WAL looks like does not depend on the engine, and Docker has to build an image for each. */
const versions = engine === 'local' ? [13, 15, 17] : [17];

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

describe('failover', () => {
  test('of a killed master: a slave takes writes, the other follows it, the old one rejoins', async () => {
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

  test('takes the slave that has received most', async () => {
    await using the = await start({ slaves: 2 });
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    // Not paused: what is sent to a frozen slave waits in its socket, and it reads it later.
    await pgCluster.node('pg1').kill();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (1)');
    await pgCluster.waitForCatchup({ node: pgCluster.node('pg2') });
    await pgCluster.killMaster();
    await pgCluster.node('pg1').start();
    expect((await pgCluster.failover()).name).toBe('pg2');
    await pgCluster.heal();
    await expect(count(pgCluster.node('pg1').url)).resolves.toBe(1);
  });

  test.each(versions)(
    'takes the slave that has received most the second time, too: PostgreSQL %i',
    async (version) => {
      await using the = await start({ slaves: 3, synchronous: 1, version });
      const { pgCluster } = the;
      const [pg1, pg2, pg3] = ['pg1', 'pg2', 'pg3'].map((name) => pgCluster.node(name));
      if (!pg1 || !pg2 || !pg3) throw new Error('no slaves');
      await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
      await pgCluster.killMaster();
      await pgCluster.failover({ to: pg1 });
      await pgCluster.waitForCatchup({ node: pg3 });
      // It ends with a restartpoint on the new timeline; pg2 has not made one since.
      await rows(pgCluster.masterUrl, 'CHECKPOINT');
      await pgCluster.waitForCatchup({ node: pg3 });
      await pg3.stop();
      await rows(pgCluster.masterUrl, 'INSERT INTO t SELECT generate_series(1, 50)');
      await pgCluster.killMaster();
      await pg3.start();
      const timelines = async () => (await pgCluster.status()).nodes.map((n) => n.timelineId);
      const before = await timelines();
      expect((await pgCluster.failover()).name).toBe('pg2');
      expect(before).toEqual([null, null, 2, 2]);
      await expect(count(pgCluster.masterUrl)).resolves.toBe(50);
      // Nobody but the two former masters had to be made anew.
      await pgCluster.heal();
      expect(
        pgCluster.timeline
          .at(-1)
          ?.detail?.split(', ')
          .filter((text) => / pg[23]/.test(` ${text}`)),
      ).toEqual([]);
      expect(await timelines()).toEqual([3, 3, 3, 3]);
    },
  );

  test.each(versions)(
    'counts what a slave has received but not replayed, also after its restart: PostgreSQL %i',
    async (version) => {
      const late = { replayDelayMs: 3_600_000, synchronous: true };
      await using the = await start({ slaves: [late, {}], version });
      const { pgCluster } = the;
      const [pg1, pg2] = [pgCluster.node('pg1'), pgCluster.node('pg2')];
      await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
      await pgCluster.waitForCatchup({ node: pg2 });
      await pg2.stop();
      await rows(pgCluster.masterUrl, 'INSERT INTO t SELECT generate_series(1, 20000)');
      await rows(pgCluster.masterUrl, 'SELECT pg_switch_wal()');
      await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (20001)');
      await pg1.kill();
      await pgCluster.killMaster();
      await pg1.start();
      await pg2.start();
      expect((await pgCluster.failover()).name).toBe('pg1');
      await expect(count(pg1.url)).resolves.toBe(20_001);
    },
  );

  test('tells two timelines of the same number apart', async () => {
    await using the = await start({ slaves: 3 });
    const { pgCluster } = the;
    const [pg1, pg2, pg3] = ['pg1', 'pg2', 'pg3'].map((name) => pgCluster.node(name));
    if (!pg1 || !pg2 || !pg3) throw new Error('no slaves');
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    // Each of them begins timeline 2, since pg2 has not heard of the other one.
    await pg1.promote();
    await pgCluster.rejoin(pg3);
    await rows(pg1.url, 'INSERT INTO t SELECT generate_series(1, 10)');
    await pgCluster.waitForCatchup({ node: pg3 });
    await pg1.kill();
    await pg2.promote();
    await rows(pg2.url, 'INSERT INTO t SELECT generate_series(1, 20000)');
    await pgCluster.heal();
    await pgCluster.waitForCatchup();
    for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(20_000);
  });

  test('to a slave that lacks a write loses it; the slave that has it is rebuilt', async () => {
    await using the = await start({ slaves: 2 });
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    const behind = pgCluster.node('pg1');
    await behind.kill();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (1)');
    await pgCluster.waitForCatchup({ node: pgCluster.node('pg2') });
    await pgCluster.killMaster();
    await behind.start();
    await pgCluster.failover({ to: 'pg1' });
    await pgCluster.heal();
    for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(0);
  });

  test('is refused while the master runs or is paused, unless it is forced', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    const refusal = failure(
      'STATE',
      /^pg0 \(master\) is not gone: .*failover\(\{ force: true \}\)/,
    );
    await expect(pgCluster.failover()).rejects.toMatchObject(refusal);
    await pgCluster.pauseMaster();
    await expect(pgCluster.failover()).rejects.toMatchObject(refusal);
    await pgCluster.unpauseMaster();

    await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
    await pgCluster.waitForCatchup();
    await pgCluster.failover({ force: true });
    // A split brain: both take writes, and neither hears of the other's.
    const [one, two] = pgCluster.nodes;
    await rows(one?.url ?? '', 'INSERT INTO t VALUES (1), (2), (3)');
    await rows(two?.url ?? '', 'INSERT INTO t VALUES (4)');
    await expect(count(one?.url ?? '')).resolves.toBe(3);
    await expect(count(two?.url ?? '')).resolves.toBe(1);
    const already = failure('STATE', /^pg0 cannot be promoted: its server is a master already/);
    await expect(one?.promote()).rejects.toMatchObject(already);
    await expect(one?.pauseReplay()).rejects.toThrow(/^pg0 cannot pause its replay: its server is/);
    await expect(
      pgCluster.failover({ to: pgCluster.node('pg0'), force: true }),
    ).rejects.toMatchObject(already);

    await pgCluster.heal();
    expect(pgCluster.master.name).toBe('pg1');
    await expect(count(one?.url ?? '')).resolves.toBe(1);
    expect(pgCluster.timeline.at(-1)?.detail).toMatch(
      /pg0 rebuilt from the master; [1-9]\d* bytes of its WAL were dropped/,
    );
  });

  test('without a slave that can take over says why', async () => {
    await using the = await start({ slaves: 1 });
    const { pgCluster } = the;
    await pgCluster.pauseSlave();
    await pgCluster.killMaster();
    await expect(pgCluster.failover()).rejects.toMatchObject(
      failure('STATE', /^no slave can take over: pg1: pg1 cannot take over: .*paused/),
    );
    await expect(pgCluster.failover({ to: pgCluster.master })).rejects.toMatchObject({
      message: expect.stringContaining('it is the master'),
    });
    await pgCluster.heal();
    await pgCluster.slaves[0]?.stop();
    await expect(pgCluster.switchover()).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_STATE',
      message: 'pg0 cannot hand over: no slave streams from it now (pg1 is stopped); heal() first',
    });
  });
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

test('a fault that a rejoin, a restart or a promotion has ended needs no healing', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  const expectNothingToHeal = async () => {
    const before = pgCluster.timeline.length;
    await pgCluster.heal();
    expect(pgCluster.timeline.slice(before)).toEqual([]);
  };
  const [pg0, pg1, pg2] = ['pg0', 'pg1', 'pg2'].map((name) => pgCluster.node(name)) as [
    PgNode,
    PgNode,
    PgNode,
  ];
  await pg0.readOnly();
  await pg0.kill();
  await pgCluster.failover({ to: pg1 });
  await pgCluster.rejoin(pg0);
  await expectNothingToHeal();
  await pg2.pauseReplay();
  await pg2.restart();
  await expectNothingToHeal();
  await pg2.pauseReplay();
  await expect(pgCluster.switchover({ to: pg2 })).rejects.toMatchObject(
    failure('STATE', /pg2 cannot take over: its replay is paused; resumeReplay/),
  );
  await pg1.stop();
  await pgCluster.failover({ to: pg2 });
  await pgCluster.rejoin(pg1);
  await expectNothingToHeal();
  await pg2.exhaustConnections();
  await pgCluster.switchover({ to: pg0 });
  await expectNothingToHeal();
  await pgCluster.snapshot();
  await pg1.delayReplay(60_000);
  await pgCluster.killMaster();
  await pgCluster.failover({ to: pg1 });
  await pgCluster.rejoin(pg0);
  await expectNothingToHeal();
  await pgCluster.snapshot();
  await pg2.pauseReplay();
  await fromOutside.kill(pgCluster, 'pg2');
  // Only looks; the pause has ended with the server.
  await pgCluster.status();
  const before = pgCluster.timeline.length;
  await pgCluster.heal();
  expect(pgCluster.timeline.slice(before).map(({ detail }) => detail)).toEqual([
    expect.not.stringContaining('replay paused'),
  ]);
});

test('waitForCatchup says at once who cannot catch up, and what holds back one that does not', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  const [pg0, pg1, pg2] = pgCluster.nodes as [PgNode, PgNode, PgNode];
  await pg2.pauseReplay();
  await expect(pgCluster.waitForCatchup({ timeoutMs: 300 })).rejects.toMatchObject(
    failure('TIMEOUT', /pg2 has replayed .*its replay is paused, which resumeReplay/),
  );
  const refused = (pattern: RegExp) => failure('STATE', pattern);
  const patience = { timeoutMs: 600_000 };
  await pg1.kill();
  await expect(pgCluster.waitForCatchup({ node: pg1, ...patience })).rejects.toMatchObject(
    refused(/pg1 cannot catch up: .*; start\(\) brings it back/),
  );
  await pg1.start();
  await pg2.resumeReplay();
  await pg0.kill();
  await pgCluster.failover({ to: pg1 });
  await expect(pgCluster.waitForCatchup(patience)).rejects.toMatchObject(
    refused(/pg0 cannot catch up: .*; pgCluster\.rejoin\(\) brings it back/),
  );
  await pgCluster.waitForCatchup({ node: pg2 });
  await pg0.start();
  await expect(pgCluster.waitForCatchup(patience)).rejects.toMatchObject(
    refused(/pg0 cannot catch up: it runs as a master of its own, beside pg1/),
  );
  await pgCluster.rejoin(pg0);
  await pgCluster.waitForCatchup();
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

test('promote leaves the others as they are; heal makes them follow', async () => {
  await using the = await start({ slaves: 2 });
  const { pgCluster } = the;
  await pgCluster.node('pg1').promote();
  expect(pgCluster.master.name).toBe('pg1');
  await rows(pgCluster.masterUrl, 'CREATE TABLE t (a int)');
  await expect(rows(pgCluster.node('pg2').url, 'TABLE t')).rejects.toMatchObject({
    code: '42P01',
  });
  await expect(pgCluster.master.promote()).rejects.toMatchObject(
    failure('STATE', 'pg1 cannot be promoted: it is the master'),
  );
  await pgCluster.heal();
  for (const { url } of pgCluster.nodes) await expect(count(url)).resolves.toBe(0);
  expect(await streaming(pgCluster)).toEqual(['pg0', 'pg2']);
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

describe('a slave that cannot be added', () => {
  const senders = 'SELECT application_name::text AS n FROM pg_stat_replication ORDER BY 1';
  const names = 'SHOW synchronous_standby_names';
  const slots = 'SELECT slot_name FROM pg_replication_slots';

  const reasonFor = async (adding: Promise<unknown>) => {
    const refused: unknown = await adding.catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ERR_PG_CLUSTER_START' });
    return refused instanceof Error ? refused.message : '';
  };

  /** A session that takes one of `max_wal_senders`. */
  const sender = async (connectionString: string) => {
    const client = new Client({ connectionString, replication: 'database' } as ClientConfig);
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  test('says why, with its log, and leaves nothing', async () => {
    await using the = await start({ slaves: 2, synchronous: 1 });
    const { pgCluster } = the;
    const before = await pgCluster.master.query(names);
    const free = Number(ownSettings.max_wal_senders) - pgCluster.slaves.length;
    const taken = await Promise.all(
      Array.from({ length: free }, () => sender(pgCluster.masterUrl)),
    );
    const why = await reasonFor(addSlave(the.cluster, { slot: true }, 2000));
    expect(why).toMatch(
      /^pg3 could not be added as a slave of pg0: .*\nThe end of the log of pg3:/,
    );
    expect(why).toMatch(/exceeds "max_wal_senders"/);
    expect(pgCluster.nodes.map(({ name }) => name)).toEqual(['pg0', 'pg1', 'pg2']);
    await expect(pgCluster.master.query(names)).resolves.toEqual(before);
    await expect(pgCluster.master.query(slots)).resolves.toEqual([]);

    // There is room now, which nobody but the next takes.
    await Promise.all(taken.map((client) => client.end()));
    await pgCluster.heal();
    await pgCluster.addSlave();
    expect(await pgCluster.master.query(senders)).toEqual([
      { n: 'pg1' },
      { n: 'pg2' },
      { n: 'pg4' },
    ]);
    await pgCluster.reset();
    const refused = await reasonFor(pgCluster.addSlave({ settings: { max_connections: 7 } }));
    expect(refused).toMatch(/^pg3 could not be added (.|\n)*max_connections = 7 is a lower/);
    expect(await pgCluster.status()).toMatchObject({
      nodes: [{ streaming: false }, { streaming: true }, { streaming: true }],
    });
  });
});

test('a slave that was added with no upstream of its own follows whoever is master', async () => {
  await using the = await start({ slaves: [{ synchronous: true }] });
  const { pgCluster } = the;
  const born = pgCluster.master;
  await pgCluster.switchover();
  const { name } = await pgCluster.addSlave({ synchronous: true });
  await pgCluster.switchover({ to: born });
  await pgCluster.heal();
  const senders = 'SELECT application_name::text AS n FROM pg_stat_replication ORDER BY 1';
  await expect(born.query(senders)).resolves.toEqual([{ n: 'pg1' }, { n: name }]);
  await expect(born.query('SHOW synchronous_standby_names')).resolves.toEqual([
    { synchronous_standby_names: `ANY 1 (pg1, ${name})` },
  ]);
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

test('commits wait for the nodes that are synchronous slaves now, and never for the master itself', async () => {
  await using the = await start({ slaves: [{ synchronous: true }, {}] });
  const { pgCluster } = the;
  let tables = 0;
  /** A commit hangs unless those confirm it that the names are of. */
  const expectWaitsFor = async (names: string) => {
    tables += 1;
    await pgCluster.master.query(`CREATE TABLE t${tables} (a int)`);
    await expect(pgCluster.master.query('SHOW synchronous_standby_names')).resolves.toEqual([
      { synchronous_standby_names: names },
    ]);
  };
  const confirming = async () =>
    (await pgCluster.status()).nodes
      .filter(({ syncState }) => syncState === 'quorum')
      .map(({ name }) => name);
  const [pg0, pg1, pg2] = ['pg0', 'pg1', 'pg2'].map((name) => pgCluster.node(name)) as [
    PgNode,
    PgNode,
    PgNode,
  ];

  await expectWaitsFor('ANY 1 (pg1)');
  await pgCluster.switchover({ to: pg1 });
  await expectWaitsFor('ANY 1 (pg0)');
  expect(await confirming()).toEqual(['pg0']);

  await pgCluster.killMaster();
  await pgCluster.failover({ to: pg2 });
  await expectWaitsFor('ANY 1 (pg0)');
  await pgCluster.heal();
  await expectWaitsFor('ANY 1 (pg0, pg1)');
  expect(await confirming()).toEqual(['pg0', 'pg1']);

  await pgCluster.reset();
  await expectWaitsFor('ANY 1 (pg1)');
  await pgCluster.killMaster();
  await pgCluster.failover({ to: pg1 });
  await expectWaitsFor('');
  await pgCluster.rejoin(pg0);
  await expectWaitsFor('ANY 1 (pg0)');
  expect(await confirming()).toEqual(['pg0']);
  await pgCluster.heal();
  await pgCluster.snapshot();
  await pgCluster.switchover({ to: pg0 });
  await expectWaitsFor('ANY 1 (pg1)');
  await pgCluster.restore();
  expect(pgCluster.master).toBe(pg1);
  await expectWaitsFor('ANY 1 (pg0)');
  await pgCluster.heal();
  expect(await confirming()).toEqual(['pg0']);
});
