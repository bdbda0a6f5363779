import { Client } from 'pg';
import { heal } from '../../../../src/cluster/lifecycle/heal';
import type { PgNode } from '../../../../src/handle/pg-node';
import { useCluster } from '../../../support/cluster';
import { failure } from '../../../support/failure';
import { rows } from '../../../support/rows';
import { until } from '../../../support/until';
import { fromOutside } from '../../outside';

/** A session that lives as long as its block. */
async function session(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end().catch(() => {}) });
}

/** Clients that run something there, and what becomes of it. */
async function running(node: PgNode, ...urls: string[]): Promise<Promise<unknown>[]> {
  const ends = urls.map((url) =>
    rows(url, 'SELECT pg_sleep(20)').then(
      () => 'not cancelled',
      (error: unknown) => error,
    ),
  );
  await until('the queries to run', async () => {
    const found = await node.query(`SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    return found.length === urls.length ? true : `${found.length} do`;
  });
  return ends;
}

const cancelled = {
  code: '40001',
  severity: 'ERROR',
  message: 'canceling statement due to conflict with recovery',
};

/** What the server's files say, and what is in effect. */
const settingsOf = (node: PgNode) =>
  node.query(
    `SELECT name, setting, sourcefile, sourceline FROM pg_settings
      WHERE name IN ('max_standby_streaming_delay', 'hot_standby_feedback')`,
  );

describe.each([13, 17])('PostgreSQL %i', (version) => {
  const the = useCluster({ slaves: 2, version });
  const slave = () => the.pgCluster.node('pg1');
  afterEach(() => the.pgCluster.heal());

  test('conflict: what clients run on a slave is cancelled, whatever their database', async () => {
    const { pgCluster } = the;
    const before = await Promise.all(pgCluster.nodes.map(settingsOf));
    const other = new URL(slave().url);
    other.pathname = '/postgres';
    await using idle = await session(slave().url);
    const ends = await running(slave(), slave().url, other.href);
    await expect(slave().conflict()).resolves.toBe(2);
    for (const end of await Promise.all(ends)) expect(end).toMatchObject(cancelled);
    // By a conflict, which is what PostgreSQL itself calls it.
    await until('the statistics to tell', async () => {
      const [row] = await slave().query(
        'SELECT sum(confl_snapshot)::int AS n FROM pg_stat_database_conflicts',
      );
      // Ours may have been in the way, too: it asks again.
      return Number(row?.n) >= 2 ? true : `${row?.n}`;
    });
    await expect(idle.query('SELECT 1')).resolves.toBeDefined();
    expect(await Promise.all(pgCluster.nodes.map(settingsOf))).toEqual(before);
    expect(pgCluster.timeline.at(-1)).toMatchObject({
      act: 'conflict',
      node: 'pg1',
      outcome: 'done',
      detail: '2 sessions had a snapshot',
    });
    expect((await heal(the.cluster)).what).toEqual([]);
  });

  test('nobody is in the way: it is 0, and nothing is left', async () => {
    const { master } = the.pgCluster;
    const roles = () => master.query('SELECT * FROM pg_authid ORDER BY oid');
    const before = await roles();
    await expect(slave().conflict()).resolves.toBe(0);
    expect(await roles()).toEqual(before);
    await expect(master.query('TABLE pg_db_role_setting')).resolves.toEqual([]);
    // Those of earlier servers come in no order, and may count what is gone by now until somebody looks again.
    if (version < 15) return;
    await until('the statistics to know of no old version', async () => {
      const [row] = await master.query(
        `SELECT pg_stat_get_dead_tuples('pg_authid'::regclass)::int AS n`,
      );
      return row?.n === 0 || `${row?.n}`;
    });
  });

  test('a session that is idle with a snapshot is ended; one without it goes on', async () => {
    await using holding = await session(slave().url);
    await using without = await session(slave().url);
    const ended = new Promise((resolve) => {
      holding.on('error', resolve);
    });
    await holding.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    await without.query('BEGIN; SELECT 1');
    await expect(slave().conflict()).resolves.toBe(1);
    await expect(ended).resolves.toMatchObject({ code: '40001', severity: 'FATAL' });
    await expect(without.query('SELECT 1')).resolves.toBeDefined();
  });

  test('only that slave cancels at once', async () => {
    const { pgCluster } = the;
    const other = pgCluster.node('pg2');
    const [here] = await running(slave(), slave().url);
    const [there] = await running(other, other.url);
    await slave().conflict();
    await expect(here).resolves.toMatchObject(cancelled);
    await other.dropConnections();
    await expect(there).resolves.toMatchObject({ code: '57P01' });
  });

  test('an open transaction of the master that keeps the rows is named', async () => {
    const { pgCluster } = the;
    const before = await settingsOf(slave());
    await using keeper = await session(pgCluster.masterUrl);
    await keeper.query(
      `SET application_name = 'long report'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1`,
    );
    const [end] = await running(slave(), slave().url);
    await expect(slave().conflict()).rejects.toMatchObject(
      failure(
        'TIMEOUT',
        /pg0 to remove an old row version that clients of pg1 may see; .*client backend \d+ \("long report", idle in transaction\) may need it as well; end that first$/,
      ),
    );
    expect(await settingsOf(slave())).toEqual(before);
    await keeper.query('COMMIT');
    await expect(slave().conflict()).resolves.toBe(1);
    await expect(end).resolves.toMatchObject(cancelled);
  });

  test('a slave that ends in the middle has its settings back after a heal', async () => {
    const { pgCluster } = the;
    const before = await settingsOf(slave());
    await using keeper = await session(pgCluster.masterUrl);
    await keeper.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    const [end] = await running(slave(), slave().url);
    const failed = slave()
      .conflict()
      .catch((error: unknown) => error);
    await until('the slave to be hasty', async () => {
      const [row] = await slave().query('SHOW max_standby_streaming_delay');
      return row?.max_standby_streaming_delay === '0' || '30 s';
    });
    await fromOutside.kill(pgCluster, 'pg1');
    await expect(failed).resolves.toBeInstanceOf(Error);
    await end;
    await keeper.query('COMMIT');
    await pgCluster.heal();
    expect(await settingsOf(slave())).toEqual(before);
  });

  test('where there can be no conflict, the error says what would help', async () => {
    const { pgCluster } = the;
    const state = (message: RegExp) => failure('STATE', message);
    const refused = (message: RegExp) =>
      expect(slave().conflict()).rejects.toMatchObject(state(message));
    await expect(pgCluster.master.conflict()).rejects.toMatchObject(
      state(/^pg0 cannot have a recovery conflict: it is the master, .*; call it on a slave$/),
    );
    await slave().pauseReplay();
    await refused(/^pg1 cannot have a recovery conflict: .* paused, .*; resumeReplay\(\) first$/);
    await slave().resumeReplay();
    await slave().delayReplay(50);
    await refused(/^pg1 .*: its replay is delayed by 50ms; delayReplay\(0\) first$/);
    await slave().delayReplay(0);
    await slave().pause();
    await refused(/^pg1 cannot have a recovery conflict: .*; unpause it first$/);
    await slave().unpause();
    await slave().disconnect({ from: 'cluster' });
    await refused(/^pg1 .*: it is disconnected from the cluster; reconnect\(\) it first$/);
    await slave().reconnect();
    await pgCluster.pauseMaster();
    await refused(/^pg0 cannot send pg1 what it conflicts with: .*; unpause it first$/);
    await pgCluster.unpauseMaster();
    await pgCluster.stopMaster();
    await refused(/^pg0 cannot send pg1 .*; start it first$/);
  });
});

describe('slaves that tell what their queries need', () => {
  const the = useCluster({
    slaves: [{ slot: true }, { upstream: 'pg1' }],
    settings: { hot_standby_feedback: 'on' },
  });

  test('a slave of a slave has its conflict all the same', async () => {
    const { pgCluster } = the;
    const slave = pgCluster.node('pg2');
    const [end] = await running(slave, slave.url);
    await expect(slave.conflict()).resolves.toBe(1);
    await expect(end).resolves.toMatchObject(cancelled);
    for (const node of pgCluster.nodes) {
      expect(await node.query('SHOW hot_standby_feedback')).toEqual([
        { hot_standby_feedback: 'on' },
      ]);
    }
  });

  test('what another slave needs is kept, and named', async () => {
    const { pgCluster } = the;
    const [slave, other] = [pgCluster.node('pg2'), pgCluster.node('pg1')];
    const [end] = await running(other, other.url);
    await expect(slave.conflict()).rejects.toMatchObject(
      failure('TIMEOUT', /the slot pg1 may need/),
    );
    await other.dropConnections();
    await expect(end).resolves.toMatchObject({ code: '57P01' });
  });
});
