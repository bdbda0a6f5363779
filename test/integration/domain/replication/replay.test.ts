import { Client } from 'pg';
import { heal } from '../../../../src/cluster/lifecycle/heal';
import { useCluster } from '../../../support/cluster';
import { failure } from '../../../support/failure';
import { rows } from '../../../support/rows';
import { until } from '../../../support/until';
import { fromOutside } from '../../outside';

const versions = [13, 17];

describe.each(versions)('PostgreSQL %i', (version) => {
  const the = useCluster({ slaves: 1, version });
  const slave = () => the.pgCluster.node('pg1');
  const seen = async () => (await rows(slave().url, 'SELECT a FROM stale')).map(({ a }) => a);
  const write = (a: number) => rows(the.pgCluster.masterUrl, `INSERT INTO stale VALUES (${a})`);

  beforeEach(async () => {
    await rows(the.pgCluster.masterUrl, 'DROP TABLE IF EXISTS stale; CREATE TABLE stale (a int)');
    await the.pgCluster.waitForCatchup();
  });
  afterEach(() => the.pgCluster.heal());

  /** The slave has it, but does not show it. */
  const untilReceived = async () => {
    const { lsn } = (await the.pgCluster.status()).nodes[0] ?? {};
    await until('the slave to receive it', async () => {
      const [row] = await slave().query(
        `SELECT pg_last_wal_receive_lsn() >= '${lsn}'::pg_lsn AS yes`,
      );
      return row?.yes ? true : 'not yet';
    });
  };
  /** Replay has come upon a commit that it holds back. */
  const untilHeldBack = () =>
    until('replay to wait for the delay', async () => {
      const [row] = await slave().query(
        `SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'startup'`,
      );
      return row?.wait_event === 'RecoveryApplyDelay' ? true : String(row?.wait_event);
    });

  test('pauseReplay: what is read is stale, and resumeReplay brings the rest', async () => {
    await write(1);
    await the.pgCluster.waitForCatchup();
    await slave().pauseReplay();
    await write(2);
    await untilReceived();
    await expect(seen()).resolves.toEqual([1]);
    expect((await the.pgCluster.status()).nodes[1]).toMatchObject({
      answers: true,
      streaming: true,
      lagBytes: expect.any(Number),
    });
    expect((await the.pgCluster.status()).nodes[1]?.lagBytes).toBeGreaterThan(0);
    await slave().resumeReplay();
    await the.pgCluster.waitForCatchup();
    await expect(seen()).resolves.toEqual([1, 2]);
    expect((await heal(the.cluster)).what).toEqual([]);
  });

  test('pauseReplay has stopped replay when it resolves, under load as well', async () => {
    await slave().resumeReplay();
    for (let round = 0; round < 5; round += 1) {
      const load = rows(
        the.pgCluster.masterUrl,
        `DO $$ BEGIN FOR i IN 1..300 LOOP INSERT INTO stale VALUES (i); COMMIT; END LOOP; END $$`,
      );
      await slave().pauseReplay();
      const before = await slave().query('SELECT pg_last_wal_replay_lsn()::text AS lsn');
      await load;
      await untilReceived();
      await expect(slave().query('SELECT pg_last_wal_replay_lsn()::text AS lsn')).resolves.toEqual(
        before,
      );
      await slave().resumeReplay();
    }
  });

  test('pauseReplay waits for a record that is being replayed', async () => {
    await write(1);
    await the.pgCluster.waitForCatchup();
    // Replay of the TRUNCATE has to wait for this reader.
    const reader = new Client(slave().url);
    await reader.connect();
    await reader.query('BEGIN; SELECT a FROM stale');
    await rows(the.pgCluster.masterUrl, 'TRUNCATE stale');
    await untilReceived();
    const order: string[] = [];
    const pause = slave()
      .pauseReplay()
      .then(() => order.push('paused'));
    await until('the request to pause', async () => {
      const [row] = await slave().query('SELECT pg_is_wal_replay_paused() AS yes');
      return row?.yes ? true : 'none';
    });
    await slave().query('SELECT 1');
    order.push('the reader leaves');
    await reader.end();
    await pause;
    expect(order).toEqual(['the reader leaves', 'paused']);
  });

  test('repeating changes nothing, and heal resumes', async () => {
    await slave().pauseReplay();
    await slave().pauseReplay();
    expect(the.pgCluster.timeline.at(-1)).toMatchObject({ outcome: 'unchanged' });
    await write(1);
    expect((await heal(the.cluster)).what).toEqual(['pg1 was replay paused']);
    await expect(seen()).resolves.toEqual([1]);
    await slave().resumeReplay();
    expect(the.pgCluster.timeline.at(-1)).toMatchObject({ outcome: 'unchanged' });
  });

  test('delayReplay holds a commit back for that long', async () => {
    await slave().delayReplay(1000);
    const written = performance.now();
    await write(1);
    await untilHeldBack();
    await expect(seen()).resolves.toEqual([]);
    await the.pgCluster.waitForCatchup();
    expect(performance.now() - written).toBeGreaterThan(950);
    await expect(seen()).resolves.toEqual([1]);
  });

  test('the end of a delay releases the commit that it held back', async () => {
    await slave().delayReplay(3_600_000);
    await write(1);
    await untilHeldBack();
    await slave().delayReplay(0);
    await the.pgCluster.waitForCatchup();
    await expect(seen()).resolves.toEqual([1]);
    expect((await heal(the.cluster)).what).toEqual([]);
  });

  test('replay can be paused while a delay holds it back', async () => {
    await slave().delayReplay(3_600_000);
    await write(1);
    await untilHeldBack();
    await slave().pauseReplay();
    await slave().delayReplay(0);
    await write(2);
    await untilReceived();
    await expect(seen()).resolves.toEqual([]);
    await slave().delayReplay(3_600_000);
    expect((await heal(the.cluster)).what).toEqual([
      'pg1 was replay delayed',
      'pg1 was replay paused',
    ]);
    await expect(seen()).resolves.toEqual([1, 2]);
  });

  test('heal works on a slave that was ended from outside meanwhile', async () => {
    await slave().delayReplay(3_600_000);
    await slave().pauseReplay();
    await write(1);
    await fromOutside.kill(the.pgCluster, 'pg1');
    await the.pgCluster.heal();
    await expect(seen()).resolves.toEqual([1]);
  });

  test('a master and a frozen slave say what would help', async () => {
    const { master } = the.pgCluster;
    const state = (message: RegExp) => failure('STATE', message);
    await expect(master.pauseReplay()).rejects.toMatchObject(
      state(/^pg0 cannot pause its replay: it is the master, .*; pause that of a slave$/),
    );
    await expect(master.delayReplay(1)).rejects.toMatchObject(state(/delay that of a slave$/));
    await slave().pause();
    await expect(slave().pauseReplay()).rejects.toMatchObject(state(/paused; unpause it first$/));
    await expect(slave().delayReplay(-1)).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_ARGUMENT',
    });
  });

  test('what the handle does leaves no complaint in the log, and nothing pending', async () => {
    await slave().delayReplay(5);
    await slave().delayReplay(0);
    for (const node of the.pgCluster.nodes) {
      expect(await node.logs()).not.toMatch(/password authentication|cannot be changed without/);
      await expect(
        node.query('SELECT name, setting FROM pg_settings WHERE pending_restart'),
      ).resolves.toEqual([]);
    }
  });

  test('every open session has a changed setting before its next statement', async () => {
    const open = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const session = new Client(slave().url);
        await session.connect();
        return session;
      }),
    );
    for (const ms of [1, 2, 3, 4, 5]) {
      await slave().delayReplay(ms);
      const shown = open.map((session) => session.query('SHOW recovery_min_apply_delay'));
      for (const { rows } of await Promise.all(shown)) {
        expect(rows).toEqual([{ recovery_min_apply_delay: `${ms}ms` }]);
      }
    }
    await Promise.all(open.map((session) => session.end()));
  });
});
