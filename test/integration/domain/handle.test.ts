import { Client } from 'pg';
import { Deadline } from '../../../src/base/deadline';
import { removeCluster } from '../../../src/cluster/lifecycle/remove-cluster';
import { start, useCluster } from '../../support/cluster';
import { failure } from '../../support/failure';
import { expectToHang, rows } from '../../support/rows';

const the = useCluster({ slaves: 2 });
afterEach(() => the.pgCluster.heal());

describe('pause', () => {
  test('an open connection hangs, and goes on where it was', async () => {
    const { pgCluster } = the;
    const client = new Client(pgCluster.masterUrl);
    await client.connect();
    await pgCluster.pauseMaster();
    let answered = false;
    const answer = client.query('SELECT 7 AS n').then(({ rows }) => {
      answered = true;
      return rows;
    });
    // Time for an answer that would come if it could.
    await expectToHang(pgCluster.masterUrl);
    expect(answered).toBe(false);
    await pgCluster.unpauseMaster();
    await expect(answer).resolves.toEqual([{ n: 7 }]);
    await client.end();
  });

  test('repeating it changes nothing', async () => {
    const { pgCluster } = the;
    const before = pgCluster.timeline.length;
    await pgCluster.unpauseMaster();
    await pgCluster.pauseMaster();
    await pgCluster.pauseMaster();
    await pgCluster.unpauseMaster();
    await pgCluster.unpauseMaster();
    expect(pgCluster.timeline.slice(before).map(({ act, outcome }) => [act, outcome])).toEqual([
      ['unpause', 'unchanged'],
      ['pause', 'done'],
      ['pause', 'unchanged'],
      ['unpause', 'done'],
      ['unpause', 'unchanged'],
    ]);
  });

  test('calls at the same time are done in their order', async () => {
    const node = the.pgCluster.node('pg1');
    const before = the.pgCluster.timeline.length;
    await Promise.all([node.pause(), node.unpause(), node.pause(), node.unpause(), node.pause()]);
    // Each finds what the one before it has left: in any other order some would change nothing.
    expect(
      the.pgCluster.timeline.slice(before).map(({ act, outcome }) => `${act}: ${outcome}`),
    ).toEqual(['pause: done', 'unpause: done', 'pause: done', 'unpause: done', 'pause: done']);
    expect(node.state).toBe('paused');
    expect((await the.pgCluster.status()).nodes[1]).toMatchObject({ state: 'paused' });
  });

  test('a slave is paused by its index, and the others go on', async () => {
    const { pgCluster } = the;
    await pgCluster.pauseSlave(1);
    expect(pgCluster.nodes.map(({ state }) => state)).toEqual(['running', 'running', 'paused']);
    await expect(pgCluster.slaves[0]?.query('SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    await pgCluster.unpauseSlave(1);
    await expect(pgCluster.slaves[1]?.query('SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });
});

describe('on a paused node', () => {
  test('status says so at once', async () => {
    const { pgCluster } = the;
    await pgCluster.pauseMaster();
    const { nodes } = await pgCluster.status();
    expect(nodes).toMatchObject([
      { name: 'pg0', state: 'paused', answers: false, problem: expect.stringContaining('paused') },
      { name: 'pg1', state: 'running', answers: true, streaming: false },
      { name: 'pg2', state: 'running', answers: true, streaming: false },
    ]);
  });

  test('query fails at once and says what would help', async () => {
    const { pgCluster } = the;
    await pgCluster.pauseMaster();
    await expect(pgCluster.master.query('SELECT 1')).rejects.toMatchObject(
      failure('STATE', /^pg0 cannot answer a query: .*paused; unpause it first$/),
    );
  });

  test('its log can still be read', async () => {
    await the.pgCluster.pauseMaster();
    await expect(the.pgCluster.master.logs()).resolves.toContain('ready to accept connections');
  });

  test('waitForCatchup names the slave and both positions, in time', async () => {
    const { pgCluster } = the;
    await pgCluster.pauseSlave(0);
    await pgCluster.master.query('CREATE TABLE catchup (a int)');
    await expect(pgCluster.waitForCatchup({ timeoutMs: 500 })).rejects.toMatchObject(
      failure(
        'TIMEOUT',
        /for pg1 to replay 0\/\w+, which pg0 has written; last seen: .*paused; it had replayed 0\/\w\w+$/,
      ),
    );
    const [, other] = pgCluster.slaves;
    await pgCluster.waitForCatchup(other ? { node: other } : {});
  });

  test('waitForCatchup says that the master has to run', async () => {
    await the.pgCluster.pauseMaster();
    await expect(the.pgCluster.waitForCatchup()).rejects.toMatchObject(
      failure('STATE', /^pg0 cannot tell what it has written so far: .*paused; unpause it first$/),
    );
  });
});

describe('waitForCatchup', () => {
  test('counts commits that nobody waited for', async () => {
    const { pgCluster } = the;
    await pgCluster.master.query('CREATE TABLE lazy (a int)');
    for (let i = 1; i <= 20; i += 1) {
      await pgCluster.master.query(
        `SET synchronous_commit = off; INSERT INTO lazy VALUES (${i}); SELECT 1`,
      );
      await pgCluster.waitForCatchup();
      for (const slave of pgCluster.slaves) {
        expect(await slave.query('SELECT count(*)::int AS n FROM lazy')).toEqual([{ n: i }]);
      }
    }
  });
});

describe('query', () => {
  test('runs as superuser in the tests’ database, with parameters', async () => {
    const sql = `SELECT current_setting('is_superuser') AS super, current_database() AS db, $1::int AS n`;
    await expect(the.pgCluster.master.query(sql, [3])).resolves.toEqual([
      { super: 'on', db: 'testsuite', n: 3 },
    ]);
  });

  test('fails with PostgreSQL’s own error, and its stack shows the caller', async () => {
    const error = await the.pgCluster.master.query('SELECT 1/0').catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: '22012', message: 'division by zero' });
    expect((error as Error).stack).toContain('handle.test.ts');
  });

  test('works when a test has locked out its own role', async () => {
    const { pgCluster } = the;
    await pgCluster.master.query('ALTER ROLE testsuite NOLOGIN');
    await expect(rows(pgCluster.masterUrl, 'SELECT 1')).rejects.toMatchObject({ code: '28000' });
    await pgCluster.master.query('ALTER ROLE testsuite LOGIN');
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });
});

describe('url', () => {
  test('is over all nodes, in the order asked for', () => {
    const { pgCluster } = the;
    const ports = (url: string) => [...url.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, p]) => p);
    const [a, b, c] = pgCluster.nodes.map(({ port }) => String(port));
    expect(ports(pgCluster.url())).toEqual([a, b, c]);
    expect(ports(pgCluster.url({ order: ['pg2', 'pg0'] }))).toEqual([c, a]);
    expect(pgCluster.url({ targetSessionAttrs: 'read-write' })).toMatch(
      /\/testsuite\?target_session_attrs=read-write$/,
    );
    expect(() => pgCluster.url({ order: ['pg7'] })).toThrow('there is no node "pg7"');
  });
});

test('an unknown node is named, with those that there are', async () => {
  const { pgCluster } = the;
  expect(() => pgCluster.node('pg9')).toThrow('there is no node "pg9"; there are pg0, pg1, pg2');
  await expect(pgCluster.pauseSlave(2)).rejects.toMatchObject(
    failure('ARGUMENT', /no slave with the index 2; the cluster has 2 slaves/),
  );
  await expect(pgCluster.waitForCatchup({ node: {} as never })).rejects.toMatchObject(
    failure('ARGUMENT', /is no node of this cluster/),
  );
});

test('after the end every call says so', async () => {
  const { cluster, pgCluster: handle } = await start({ slaves: 1 });
  await handle.pauseSlave();
  await removeCluster(cluster, Deadline.in(30_000));
  const closed = failure('CLOSED', /removed when its test file ended/);
  await expect(handle.pauseMaster()).rejects.toMatchObject(closed);
  await expect(handle.status()).rejects.toMatchObject(closed);
  await expect(handle.heal()).rejects.toMatchObject(closed);
  await expect(handle.master.query('SELECT 1')).rejects.toMatchObject(closed);
  await expect(handle.master.logs()).rejects.toMatchObject(closed);
  await expect(removeCluster(cluster, Deadline.in(30_000))).resolves.toBeUndefined();
});
