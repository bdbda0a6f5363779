import { Client } from 'pg';
import postgres from 'postgres';
import { heal } from '../../src/cluster/lifecycle/heal';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { rows } from '../support/rows';

const the = useCluster({ slaves: 1 });
afterEach(() => the.pgCluster.heal());

/** A client, and how its connection ended. */
async function connect(url: string, o: Record<string, unknown> = {}) {
  const client = new Client({ connectionString: url, ...o });
  const lost = new Promise<Error>((resolve) => client.on('error', resolve));
  await client.connect();
  return Object.assign(client, { lost });
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

describe('throttle', () => {
  test('adds to each round trip of clients, and the last call counts, until unthrottle', async () => {
    const { master } = the.pgCluster;
    const client = await connect(master.url);
    const query = () => client.query('SELECT 1');
    await master.throttle({ latencyMs: 300 });
    expect(await ms(query)).toBeGreaterThan(290);
    await master.throttle({ latencyMs: 60, jitterMs: 20 });
    expect(await ms(query)).toBeGreaterThan(39);
    await master.throttle({ latencyMs: 60_000 });
    // Ours go past it.
    await master.query('SELECT 1');
    await master.unthrottle();
    const times = [];
    for (let time = 0; time < 10; time += 1) times.push(await ms(query));
    expect(Math.min(...times)).toBeLessThan(30);
    await master.unthrottle();
    expect(
      the.pgCluster.timeline.slice(-5).map(({ act, detail, outcome }) => [act, detail, outcome]),
    ).toEqual([
      ['throttle', '300 ms, for clients', 'done'],
      ['throttle', '60 ms, ± 20 ms, for clients', 'done'],
      ['throttle', '60000 ms, for clients', 'done'],
      ['unthrottle', undefined, 'done'],
      ['unthrottle', undefined, 'unchanged'],
    ]);
    await client.end();
  });

  test('takes the time that the bytes need, and outlives a restart, but no heal', async () => {
    const { master } = the.pgCluster;
    await master.throttle({ bytesPerSecond: 200_000 });
    await master.restart();
    const load = () => rows(master.url, `SELECT repeat('x', 100000) AS x`);
    expect(await ms(load)).toBeGreaterThan(400);
    expect((await heal(the.cluster)).what).toEqual(['pg0 was slowed']);
    await load();
    expect((await heal(the.cluster)).what).toEqual([]);
  });

  // In Docker it is refused; 'says what it cannot do' looks at that.
  if (engine === 'local') {
    test('from the cluster slows replication, and no client', async () => {
      const { pgCluster } = the;
      await rows(pgCluster.masterUrl, 'CREATE TABLE IF NOT EXISTS slow (a int)');
      await pgCluster.waitForCatchup();
      await pgCluster.master.throttle({ latencyMs: 4000, from: 'cluster' });
      const client = await connect(pgCluster.masterUrl);
      const late = await ms(async () => {
        expect(await ms(() => client.query('INSERT INTO slow VALUES (1)'))).toBeLessThan(1900);
        await pgCluster.waitForCatchup();
      });
      expect(late).toBeGreaterThan(1950);
      await client.end();
    });
  }

  test('says what it cannot do', async () => {
    const { master } = the.pgCluster;
    await expect(master.throttle({})).rejects.toMatchObject(
      failure('ARGUMENT', /needs a latencyMs, a jitterMs or bytesPerSecond/),
    );
    await expect(master.throttle({ latencyMs: -1, lag: 1 } as never)).rejects.toMatchObject(
      failure('ARGUMENT', /^throttle\(\): latencyMs must be .*; unknown option "lag"/),
    );
    if (engine === 'local') return;
    for (const from of ['cluster', 'all'] as const) {
      await expect(master.throttle({ latencyMs: 1, from })).rejects.toMatchObject(
        failure('UNSUPPORTED', /^pg0 cannot be slowed for the other nodes: .*engine's network/),
      );
    }
  });
});

describe('connections chosen by a filter', () => {
  const acts = ['dropConnections', 'silenceConnections', 'resetConnections'] as const;

  test.each(acts)('%s takes those that are all that is asked for', async (act) => {
    const { master } = the.pgCluster;
    await master.query('CREATE ROLE reader LOGIN');
    const [app, other] = await Promise.all([
      connect(master.url, { application_name: 'app' }),
      connect(master.url, { application_name: 'other' }),
    ]);
    const pid = (await other.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
    const none = { application: 'app', pid };
    await expect(master[act](none)).resolves.toBe(0);
    await expect(master[act]({ user: 'reader' })).resolves.toBe(0);
    await expect(master[act]({ database: 'postgres' })).resolves.toBe(0);
    await expect(app.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    await expect(master[act]({ application: 'app', user: 'testsuite' })).resolves.toBe(1);
    await expect(other.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    await expect(master[act]({ pid, database: 'testsuite' })).resolves.toBe(1);
    await expect(master[act]()).resolves.toBe(0);
    await master.query('DROP ROLE reader');
    await expect(master[act]({ applikation: 'app' } as never)).rejects.toMatchObject(
      failure('ARGUMENT', /unknown option "applikation".*application/),
    );
  });
});

describe('resetConnections', () => {
  test('is told to pg and to postgres.js by the time that it resolves', async () => {
    const { master } = the.pgCluster;
    const client = await connect(master.url);
    const sql = postgres(master.url, { max: 1 });
    await sql`SELECT 1`;
    const asleep = sql`SELECT pg_sleep(30)`.catch((error: { code?: string }) => error.code);
    await expect(master.resetConnections()).resolves.toBe(2);
    await expect(client.lost).resolves.toMatchObject({ code: 'ECONNRESET' });
    await expect(asleep).resolves.toMatch(/^(ECONNRESET|CONNECTION_(CLOSED|DESTROYED))$/);
    await expect(sql`SELECT 1 AS a`).resolves.toMatchObject([{ a: 1 }]);
    await sql.end();
    expect((await heal(the.cluster)).what).toEqual([]);
  });
});

describe('refuseConnections', () => {
  test.each([
    ['starting up', 'the database system is starting up'],
    ['shutting down', 'the database system is shutting down'],
    ['in recovery', 'the database system is in recovery mode'],
  ] as const)('as %s: 57P03 to new clients, in PostgreSQL’s words', async (as, message) => {
    const { master } = the.pgCluster;
    const open = await connect(master.url);
    await master.refuseConnections(as);
    await expect(rows(master.url, 'SELECT 1')).rejects.toMatchObject({ code: '57P03', message });
    await expect(open.query('SELECT 1 AS a')).resolves.toMatchObject({ rows: [{ a: 1 }] });
    await expect(master.query('SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await master.acceptConnections();
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await open.end();
  });

  test('outlives a restart; heal and reset end it', async () => {
    const { pgCluster } = the;
    const { master } = pgCluster;
    await master.refuseConnections();
    await master.restart();
    await expect(rows(master.url, 'SELECT 1')).rejects.toMatchObject({ code: '57P03' });
    expect((await heal(the.cluster)).what).toEqual(['pg0 was refusing connections']);
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await master.refuseConnections();
    await pgCluster.reset();
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await expect(master.refuseConnections('tired' as never)).rejects.toMatchObject(
      failure('ARGUMENT', /'starting up' or 'shutting down' or 'in recovery', not 'tired'/),
    );
  });
});
