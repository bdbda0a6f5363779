import type { PgCluster } from '../../../src/handle/pg-cluster';
import type { PgNode } from '../../../src/handle/pg-node';
import { start } from '../../support/cluster';
import { failure } from '../../support/failure';
import { expectNothingLeft } from '../../support/leftovers';
import { rows } from '../../support/rows';
import { fromOutside } from '../outside';

/** Most tests change the cluster for good, so each has its own. */
afterEach(expectNothingLeft);

const streaming = async (pgCluster: PgCluster) => {
  const { nodes } = await pgCluster.status();
  return nodes.filter((node) => node.streaming).map(({ name }) => name);
};
const count = async (url: string) => (await rows(url, 'SELECT count(*)::int AS n FROM t'))[0]?.n;

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
