import { Client, Pool } from 'pg';
import { heal } from '../../../src/cluster/lifecycle/heal';
import { useCluster } from '../../support/cluster';
import { failure } from '../../support/failure';
import { rows } from '../../support/rows';
import { until } from '../../support/until';
import { fromOutside } from '../outside';

const the = useCluster({ slaves: 1, settings: { max_connections: 20 } });
afterEach(() => the.pgCluster.heal());

async function connect(url: string): Promise<Client & { closed: Promise<void> }> {
  const client = new Client(url);
  const closed = new Promise<void>((resolve) => {
    for (const event of ['error', 'end'] as const) client.on(event, () => resolve());
  });
  await client.connect();
  return Object.assign(client, { closed });
}

const oneSession = (url: string) =>
  rows(url, 'SELECT 1 AS a').then(
    () => 'works',
    (error: { code?: string }) => error.code,
  );

describe('dropConnections', () => {
  test('every client sees the close, new ones connect, replication goes on', async () => {
    const { pgCluster } = the;
    const clients = await Promise.all([1, 2, 3].map(() => connect(pgCluster.masterUrl)));
    const sleep = clients[0]?.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
    await expect(pgCluster.master.dropConnections()).resolves.toBe(3);
    await Promise.all(clients.map(({ closed }) => closed));
    await expect(sleep).resolves.toMatchObject({ code: '57P01' });
    await expect(oneSession(pgCluster.masterUrl)).resolves.toBe('works');
    expect((await pgCluster.status()).nodes[1]).toMatchObject({ streaming: true });
    expect((await heal(the.cluster)).what).toEqual([]);
  });

  test('a pool as in the documented example connects again each time', async () => {
    const { pgCluster } = the;
    const pool = new Pool({ connectionString: pgCluster.masterUrl, max: 5 });
    pool.on('error', () => {});
    try {
      for (let time = 0; time < 25; time += 1) {
        const queries = Array.from({ length: 1 + (time % 5) }, () => pool.query('SELECT 1'));
        await Promise.all(queries);
        const { totalCount } = pool;
        await expect(pgCluster.master.dropConnections()).resolves.toBe(totalCount);
        expect(pool.totalCount).toBe(0);
        await expect(pool.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
      }
    } finally {
      await pool.end();
    }
  });

  test('resolves once the sessions are gone', async () => {
    const { pgCluster } = the;
    const client = await connect(pgCluster.masterUrl);
    // A session that has much to put away before it ends.
    await client.query(
      `DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TEMP TABLE t%s (a int)', i); END LOOP; END $$`,
    );
    await pgCluster.master.dropConnections();
    await expect(
      pgCluster.master.query(`SELECT pid FROM pg_stat_activity WHERE usename = 'testsuite'`),
    ).resolves.toEqual([]);
  });

  test('works on a slave, and without clients', async () => {
    const [slave] = the.pgCluster.slaves;
    const client = await connect(slave?.url ?? '');
    await expect(slave?.dropConnections()).resolves.toBe(1);
    await client.closed;
    await expect(slave?.dropConnections()).resolves.toBe(0);
    expect(the.pgCluster.timeline.at(-1)).toMatchObject({
      act: 'drop connections',
      outcome: 'unchanged',
    });
  });
});

describe('exhaustConnections', () => {
  test('new clients get 53300, old ones go on, release gives the slots back', async () => {
    const { pgCluster } = the;
    const { master } = pgCluster;
    const early = await connect(pgCluster.masterUrl);
    // 20 slots, less the client’s, our own, and three for superusers; the one that slaves stream
    // over is no such slot.
    await expect(master.exhaustConnections()).resolves.toBe(15);
    await expect(oneSession(pgCluster.masterUrl)).resolves.toBe('53300');
    await expect(master.query('SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await expect(early.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    await expect(master.exhaustConnections()).resolves.toBe(15);
    expect((await pgCluster.status()).nodes[0]).toMatchObject({ answers: true });
    await pgCluster.waitForCatchup();

    await master.releaseConnections();
    await expect(oneSession(pgCluster.masterUrl)).resolves.toBe('works');
    await master.releaseConnections();
    expect(pgCluster.timeline.at(-1)).toMatchObject({ outcome: 'unchanged' });
    await early.end();
  });

  test('a slot that a client gives up is taken as well', async () => {
    const { pgCluster } = the;
    const early = await connect(pgCluster.masterUrl);
    await pgCluster.master.exhaustConnections();
    await early.end();
    await until('the slot to be taken', async () => {
      const held = await pgCluster.master.exhaustConnections();
      return held === 16 ? true : `${held} are held`;
    });
    await expect(oneSession(pgCluster.masterUrl)).resolves.toBe('53300');
    await pgCluster.master.dropConnections();
    await expect(oneSession(pgCluster.masterUrl)).resolves.toBe('53300');
  });

  test('heal ends it, on a frozen slave too', async () => {
    const { pgCluster } = the;
    const [slave] = pgCluster.slaves;
    await slave?.exhaustConnections();
    await slave?.pause();
    await expect(slave?.releaseConnections()).rejects.toMatchObject(
      failure('STATE', /^pg1 cannot release its connections: .*paused; unpause it/),
    );
    expect((await heal(the.cluster)).what).toEqual([
      'pg1 was paused',
      'pg1 was out of connections',
    ]);
    await expect(oneSession(slave?.url ?? '')).resolves.toBe('works');
  });

  test('a server that was killed comes back with its slots', async () => {
    const { pgCluster } = the;
    await pgCluster.master.exhaustConnections();
    await fromOutside.kill(pgCluster, 'pg0');
    await pgCluster.startMaster();
    await pgCluster.heal();
    await expect(oneSession(pgCluster.masterUrl)).resolves.toBe('works');
    await expect(pgCluster.master.exhaustConnections()).resolves.toBe(16);
  });
});

describe('readOnly', () => {
  test('writes get 25006 in old and new sessions, and work again after', async () => {
    const { pgCluster } = the;
    const early = await connect(pgCluster.masterUrl);
    await early.query('CREATE TABLE ro (a int)');
    await pgCluster.master.readOnly();
    const refused = { code: '25006' };
    await expect(early.query('INSERT INTO ro VALUES (1)')).rejects.toMatchObject(refused);
    const insert = () => rows(pgCluster.masterUrl, 'INSERT INTO ro VALUES (2)');
    await expect(insert()).rejects.toMatchObject(refused);
    await expect(pgCluster.master.query('DROP TABLE ro')).rejects.toMatchObject(refused);
    // Ours go on: this one writes.
    await pgCluster.waitForCatchup();
    await pgCluster.master.readOnly(true);
    expect(pgCluster.timeline.at(-1)).toMatchObject({ act: 'read-only on', outcome: 'unchanged' });

    await pgCluster.master.readOnly(false);
    await insert();
    await early.query('INSERT INTO ro VALUES (3)');
    await early.end();
    expect((await heal(the.cluster)).what).toEqual([]);
  });

  test('heal ends it, and leaves no trace in the settings', async () => {
    const { pgCluster } = the;
    await pgCluster.master.readOnly();
    expect((await heal(the.cluster)).what).toEqual(['pg0 was read-only']);
    await rows(pgCluster.masterUrl, 'CREATE TABLE writable (a int)');
    await expect(
      pgCluster.master.query(`SELECT sourcefile FROM pg_settings
        WHERE name = 'default_transaction_read_only' AND sourcefile IS NOT NULL`),
    ).resolves.toEqual([]);
  });

  test.each(['kill', 'stop'] as const)('heal ends it on a master after %s()', async (end) => {
    const { pgCluster } = the;
    await pgCluster.master.readOnly();
    await pgCluster.master[end]();
    await pgCluster.heal();
    await rows(pgCluster.masterUrl, `CREATE TABLE writable_after_${end} (a int)`);
  });

  test('heal ends it on a master that was killed from outside', async () => {
    const { pgCluster } = the;
    await pgCluster.master.readOnly();
    await fromOutside.kill(pgCluster, 'pg0');
    await pgCluster.heal();
    await rows(pgCluster.masterUrl, 'CREATE TABLE writable_too (a int)');
  });

  test('a slave says that it is read-only anyway', async () => {
    await expect(the.pgCluster.slaves[0]?.readOnly()).rejects.toMatchObject(
      failure('STATE', /^pg1 .* is a slave, which is read-only anyway.* pg0$/),
    );
  });

  test('takes effect when no connection is free', async () => {
    const { pgCluster } = the;
    const early = await connect(pgCluster.masterUrl);
    await pgCluster.master.exhaustConnections();
    await pgCluster.master.readOnly();
    await expect(early.query('CREATE TABLE never (a int)')).rejects.toMatchObject({
      code: '25006',
    });
    await early.end();
  });
});

test('faults of a master are over when it comes back as a slave', async () => {
  const { pgCluster } = the;
  await pgCluster.master.exhaustConnections();
  await pgCluster.master.readOnly();
  await pgCluster.killMaster();
  await pgCluster.failover();
  await pgCluster.heal();
  await expect(oneSession(pgCluster.node('pg0').url)).resolves.toBe('works');
  await expect(pgCluster.node('pg0').query('SHOW default_transaction_read_only')).resolves.toEqual([
    { default_transaction_read_only: 'off' },
  ]);
});
