import { heal } from '../../../../src/cluster/lifecycle/heal';
import type { PgNode } from '../../../../src/handle/pg-node';
import { StaleReads } from '../../../../src/runner/stale-reads';
import type { SupervisedTest } from '../../../../src/runner/supervised';
import { start, type TestCluster, useCluster } from '../../../support/cluster';
import { failure } from '../../../support/failure';
import { rows } from '../../../support/rows';

const aTest = (): SupervisedTest => ({
  name: 'a test',
  attempt: 1,
  errors: [],
  timedOut: false,
});

/** What a test's body does with that option. */
async function body(the: TestCluster, does: () => Promise<void>): Promise<void> {
  const staleReads = new StaleReads(the.cluster);
  const test = aTest();
  await staleReads.bodyStarts(test);
  expect(test.errors).toEqual([]);
  try {
    await does();
  } finally {
    await staleReads.bodyEnded(test);
  }
}

async function written(the: TestCluster): Promise<number> {
  const [row] = await rows(
    the.pgCluster.masterUrl,
    'INSERT INTO counts SELECT count(*) + 1 FROM counts RETURNING a',
  );
  return Number(row?.a);
}

async function seen({ url }: PgNode): Promise<number> {
  const [row] = await rows(url, 'SELECT coalesce(max(a), 0) AS a FROM counts');
  return Number(row?.a);
}

async function expectAllPaused({ pgCluster }: TestCluster): Promise<void> {
  const { nodes } = await pgCluster.status();
  expect(nodes.map(({ name, replayPaused }) => [name, replayPaused])).toEqual(
    nodes.map(({ name, role }) => [name, role === 'master' ? null : true]),
  );
}

/** All of them show the same, and not what is written now. */
async function expectStanding(the: TestCluster, shows: number): Promise<void> {
  const { pgCluster } = the;
  await written(the);
  await written(the);
  await expectAllPaused(the);
  for (const slave of pgCluster.slaves)
    expect([slave.name, await seen(slave)]).toEqual([slave.name, shows]);
}

async function expectCatchingUp(the: TestCluster): Promise<void> {
  const { pgCluster } = the;
  const all = await written(the);
  await pgCluster.waitForCatchup();
  for (const slave of pgCluster.slaves)
    expect([slave.name, await seen(slave)]).toEqual([slave.name, all]);
  await expectStanding(the, all);
}

/** The same, but replay goes on by itself. */
async function expectMovingOn(the: TestCluster): Promise<void> {
  const { pgCluster } = the;
  const { nodes } = await pgCluster.status();
  expect(nodes.filter(({ replayPaused }) => replayPaused)).toEqual([]);
  const all = await written(the);
  await pgCluster.waitForCatchup();
  for (const slave of pgCluster.slaves) expect(await seen(slave)).toBe(all);
}

const table = 'DROP TABLE IF EXISTS counts; CREATE TABLE counts (a int)';

describe.each([13, 17])('PostgreSQL %i', (version) => {
  const the = useCluster({ slaves: [{}, { upstream: 'pg1' }, {}], version });
  beforeEach(() => rows(the.pgCluster.masterUrl, table));
  afterEach(() => the.pgCluster.reset());

  test('slaves show what was there before the body, and what waitForCatchup lets through', async () => {
    // They have much to replay when the body is about to start.
    const [slave] = the.pgCluster.slaves as [PgNode];
    await slave.pauseReplay();
    await the.pgCluster.master.query('CREATE TABLE much AS SELECT generate_series(1, 500000)');
    await slave.resumeReplay();
    const before = await written(the);
    await body(the, async () => {
      await expectStanding(the, before);
      await expectCatchingUp(the);
      await Promise.all([the.pgCluster.waitForCatchup(), the.pgCluster.waitForCatchup()]);
      await expectCatchingUp(the);
      await the.pgCluster.waitForCatchup({ node: 'pg3' });
      expect(await seen(the.pgCluster.node('pg3'))).toBeGreaterThan(
        await seen(the.pgCluster.node('pg1')),
      );
    });
    await expectMovingOn(the);
  });

  test('it is no fault: heal leaves it, and no snapshot is refused', async () => {
    const before = await written(the);
    await body(the, async () => {
      await written(the);
      expect((await heal(the.cluster)).what).toEqual([]);
      await the.pgCluster.snapshot();
      await expectStanding(the, before);
      await the.pgCluster.restore();
      await expectCatchingUp(the);
    });
    expect((await heal(the.cluster)).what).toEqual([]);
    await expectMovingOn(the);
  });

  test('a slave whose replay the test pauses, resumes or delays is in its hands', async () => {
    const { pgCluster } = the;
    const before = await written(the);
    await body(the, async () => {
      const [paused, , resumed] = pgCluster.slaves as [PgNode, PgNode, PgNode];
      await written(the);
      await paused.pauseReplay();
      await resumed.resumeReplay();
      await expect(
        pgCluster.waitForCatchup({ node: paused, timeoutMs: 500 }),
      ).rejects.toMatchObject(
        failure('TIMEOUT', /its replay is paused, which resumeReplay\(\) ends$/),
      );
      const all = await written(the);
      await pgCluster.waitForCatchup({ node: resumed });
      expect([await seen(paused), await seen(resumed)]).toEqual([before, all]);
      await expect(pgCluster.node('pg2').conflict()).rejects.toMatchObject(
        failure('STATE', /resumeReplay\(\) first$/),
      );
      await paused.delayReplay(1);
      expect((await heal(the.cluster)).what).toEqual([
        'pg1 was replay delayed',
        'pg1 was replay paused',
      ]);
      await expect(resumed.conflict()).resolves.toBe(0);
    });
    await expectMovingOn(the);
    // The next test begins anew.
    await body(the, () => expectCatchingUp(the));
  });

  test('a failover loses nothing, and all that follow the new master stand still', async () => {
    const { pgCluster } = the;
    await body(the, async () => {
      const all = await written(the);
      await pgCluster.stopMaster();
      const began = performance.now();
      await pgCluster.failover({ to: 'pg1' });
      expect(performance.now() - began).toBeLessThan(4000);
      expect(await seen(pgCluster.master)).toBe(all);
      await pgCluster.rejoin('pg0');
      await expectAllPaused(the);
      await expectCatchingUp(the);
    });
    await expectMovingOn(the);
  });

  test('so does a switchover, there and back', async () => {
    const { pgCluster } = the;
    await body(the, async () => {
      for (const to of ['pg3', 'pg0', 'pg1']) {
        const all = await written(the);
        await pgCluster.switchover({ to });
        expect(await seen(pgCluster.master)).toBe(all);
        await expectAllPaused(the);
        await expectCatchingUp(the);
      }
    });
    await expectMovingOn(the);
  });

  test('a promoted slave has all that it has received', async () => {
    const { pgCluster } = the;
    await body(the, async () => {
      const all = await written(the);
      await pgCluster.stopMaster();
      await pgCluster.node('pg1').promote();
      expect(await seen(pgCluster.node('pg1'))).toBe(all);
      await written(the);
      await pgCluster.waitForCatchup({ node: 'pg2' });
      expect(await seen(pgCluster.node('pg2'))).toBe(all + 1);
    });
    await pgCluster.heal();
    await expectMovingOn(the);
  });

  test('a slave that is started, added or made anew stands still', async () => {
    const { pgCluster } = the;
    await body(the, async () => {
      await pgCluster.node('pg3').restart();
      await pgCluster.node('pg2').kill();
      await pgCluster.node('pg2').start();
      await expectAllPaused(the);
      await pgCluster.addSlave();
      await pgCluster.addSlave({ upstream: 'pg1' });
      await expectAllPaused(the);
      await expectCatchingUp(the);
      await pgCluster.removeSlave('pg1');
      await expectAllPaused(the);
      await expectCatchingUp(the);
      await pgCluster.reset();
      await expectAllPaused(the);
      await rows(pgCluster.masterUrl, table);
      await expectCatchingUp(the);
    });
    await expectMovingOn(the);
  });

  test('a slave that is frozen when the body ends moves on once it is thawed', async () => {
    const { pgCluster } = the;
    await body(the, () => pgCluster.node('pg3').pause());
    await pgCluster.node('pg3').unpause();
    await expectMovingOn(the);
    await pgCluster.node('pg1').kill();
    await body(the, async () => {});
    expect((await heal(the.cluster)).what).toEqual(['pg1 was killed']);
    await expectMovingOn(the);
  });
});

test('commits that wait for slaves go on, but not if they wait for replay', async () => {
  await using the = await start({ slaves: 1, synchronous: 1 });
  await rows(the.pgCluster.masterUrl, table);
  await body(the, () => expectStanding(the, 0));
  await the.pgCluster.master.query(
    `ALTER DATABASE testsuite SET synchronous_commit = remote_apply`,
  );
  const refused = aTest();
  const staleReads = new StaleReads(the.cluster);
  await staleReads.bodyStarts(refused);
  expect(refused.errors).toMatchObject([
    failure(
      'STATE',
      /^the replay of slaves cannot stand still, .* \(synchronous_commit = remote_apply\), so none could ever end/,
    ),
  ]);
  await staleReads.bodyEnded(refused);
  await written(the);
});
