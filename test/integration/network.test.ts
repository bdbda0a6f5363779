import { Client } from 'pg';
import { Deadline, poll, seenAs } from '../../src/base/deadline';
import { heal } from '../../src/cluster/lifecycle/heal';
import type { PgNode } from '../../src/handle/pg-node';
import { useCluster } from '../support/cluster';
import { failure } from '../support/failure';
import { expectToHang, rows } from '../support/rows';
import { fromOutside } from './outside';

/** What a client of a node sees. */
const count = async (node: PgNode) =>
  (await rows(node.url, 'SELECT count(*)::int AS n FROM seen'))[0]?.n;

describe('a node', () => {
  const the = useCluster({ slaves: 2 });
  let written = 0;

  beforeAll(async () => {
    await the.pgCluster.master.query('CREATE TABLE seen (a int)');
    await the.pgCluster.waitForCatchup();
  });
  afterEach(() => the.pgCluster.heal());

  const write = async () => {
    await rows(the.pgCluster.masterUrl, 'INSERT INTO seen VALUES (1)');
    written += 1;
  };
  const slave = (index: number) => the.pgCluster.slaves[index] as PgNode;

  /** Waits until the master knows that a slave has replayed all that is written now. */
  const replayedAccordingToMaster = async (name: string, ms = 5000) => {
    const { master } = the.pgCluster;
    const [now] = await master.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
    await poll({
      deadline: Deadline.in(ms),
      what: `${name} to replay`,
      intervalMs: 20,
      look: async () => {
        const [row] = await master.query<{ done: boolean }>(
          'SELECT replay_lsn >= $2 AS done FROM pg_stat_replication WHERE application_name = $1',
          [name, now?.lsn],
        );
        return row?.done ? { done: undefined } : { seen: 'less' };
      },
    });
  };

  test('that is a slave cut off from the cluster serves stale reads, then catches up', async () => {
    const { pgCluster } = the;
    await slave(0).disconnect({ from: 'cluster' });
    const before = written;
    await write();
    await pgCluster.waitForCatchup({ node: slave(1) });
    await expect(count(slave(1))).resolves.toBe(written);
    await expect(count(slave(0))).resolves.toBe(before);
    await expect(
      pgCluster.waitForCatchup({ node: slave(0), timeoutMs: 500 }),
    ).rejects.toMatchObject(failure('TIMEOUT', /for pg1 to replay/));

    await slave(0).reconnect();
    await pgCluster.waitForCatchup({ timeoutMs: 5000 });
    await expect(count(slave(0))).resolves.toBe(written);
  });

  test('that is the master cut off from the cluster takes writes that no slave gets', async () => {
    const { pgCluster } = the;
    await pgCluster.master.disconnect({ from: 'cluster' });
    const before = written;
    await write();
    await expect(count(pgCluster.master)).resolves.toBe(written);
    await expect(
      pgCluster.waitForCatchup({ node: slave(1), timeoutMs: 500 }),
    ).rejects.toMatchObject(failure('TIMEOUT', /for pg2 to replay/));
    await expect(Promise.all(pgCluster.slaves.map(count))).resolves.toEqual([before, before]);

    await pgCluster.heal();
    await pgCluster.waitForCatchup({ timeoutMs: 5000 });
    await expect(Promise.all(pgCluster.slaves.map(count))).resolves.toEqual([written, written]);
  });

  test('cut off from clients lets them hang, and replays', async () => {
    const open = new Client(slave(0).url);
    await open.connect();
    const errors: Error[] = [];
    open.on('error', (error) => errors.push(error));
    await slave(0).disconnect({ from: 'clients' });

    let answered = false;
    const answer = open.query('SELECT 1 AS a').then((result) => {
      answered = true;
      return result.rows;
    });
    await write();
    await replayedAccordingToMaster('pg1');
    await expectToHang(slave(0).url);
    expect({ answered, errors }).toEqual({ answered: false, errors: [] });

    await slave(0).reconnect();
    await expect(answer).resolves.toEqual([{ a: 1 }]);
    await expect(count(slave(0))).resolves.toBe(written);
    await open.end();
  });

  test('cut off from all neither answers nor replays', async () => {
    await slave(0).disconnect();
    await write();
    await expectToHang(slave(0).url);
    await expect(replayedAccordingToMaster('pg1', 500)).rejects.toThrow(/last seen: less/);
    await slave(0).reconnect();
    await replayedAccordingToMaster('pg1');
    await expect(count(slave(0))).resolves.toBe(written);
  });

  test('cut off from clients still answers the handle, which goes past the wire', async () => {
    const { pgCluster } = the;
    await slave(0).disconnect({ from: 'clients' });
    await write();
    await pgCluster.waitForCatchup();
    await expect(slave(0).query('SELECT count(*)::int AS n FROM seen')).resolves.toEqual([
      { n: written },
    ]);
    const { nodes } = await pgCluster.status();
    expect(nodes[1]).toMatchObject({ state: 'running', answers: true, streaming: true });
    await expectToHang(slave(0).url);
  });

  test('is cut off further by a second call, and a repeated one changes nothing', async () => {
    const before = the.pgCluster.timeline.length;
    await slave(0).reconnect();
    await slave(0).disconnect({ from: 'cluster' });
    await slave(0).disconnect({ from: 'cluster' });
    await expect(count(slave(0))).resolves.toBe(written);
    await slave(0).disconnect({ from: 'clients' });
    await expectToHang(slave(0).url);
    await slave(0).disconnect();
    await slave(0).reconnect();
    await slave(0).reconnect();
    expect(the.pgCluster.timeline.slice(before).map((e) => `${e.act}: ${e.outcome}`)).toEqual([
      'reconnect: unchanged',
      'disconnect from cluster: done',
      'disconnect from cluster: unchanged',
      'disconnect from clients: done',
      'disconnect from all: unchanged',
      'reconnect: done',
      'reconnect: unchanged',
    ]);
  });

  test('is cut off and reconnected while it is frozen, too', async () => {
    await slave(0).pause();
    await slave(0).disconnect({ from: 'clients' });
    await slave(0).unpause();
    await expectToHang(slave(0).url);
    await slave(0).pause();
    await slave(0).reconnect();
    await slave(0).unpause();
    await expect(count(slave(0))).resolves.toBe(written);
  });

  test('is no longer cut off once its server has ended', async () => {
    const { pgCluster, cluster } = the;
    await slave(0).disconnect();
    await slave(0).kill();
    await expect(slave(0).disconnect()).rejects.toMatchObject(
      failure('STATE', /^pg1 cannot be disconnected: .*(exit code 137|SIGKILL); start it first$/),
    );
    await slave(0).start();
    await pgCluster.waitForCatchup();
    await expect(count(slave(0))).resolves.toBe(written);
    await expect(heal(cluster)).resolves.toMatchObject({ what: [] });

    await slave(0).disconnect();
    await fromOutside.kill(pgCluster, 'pg1');
    await slave(0).start();
    await poll({
      deadline: Deadline.in(10_000),
      what: 'pg1 to answer',
      intervalMs: 20,
      look: async () => {
        try {
          return { done: await slave(0).query('SELECT 1') };
        } catch (error) {
          return seenAs(error);
        }
      },
    });
  });

  test('is healed of all that was done to it', async () => {
    const { pgCluster, cluster } = the;
    await slave(0).disconnect({ from: 'cluster' });
    await pgCluster.master.disconnect();
    await slave(1).disconnect();
    await slave(1).pause();
    const { what } = await heal(cluster);
    expect(what).toEqual([
      'pg2 was paused',
      'pg2 was disconnected',
      'pg0 was disconnected',
      'pg1 was disconnected',
    ]);
    await write();
    await pgCluster.waitForCatchup({ timeoutMs: 5000 });
    await expect(Promise.all(pgCluster.nodes.map(count))).resolves.toEqual(Array(3).fill(written));
  });

  test('can be disconnected from clients, cluster or all, and from nothing else', async () => {
    await expect(slave(0).disconnect({ from: 'world' as never })).rejects.toMatchObject(
      failure('ARGUMENT', /'clients' or 'cluster' or 'all', not 'world'/),
    );
  });
});

describe('silenced connections', () => {
  const the = useCluster({ slaves: 1 });
  afterEach(() => the.pgCluster.heal());

  test('stay silent after heal, until they send something', async () => {
    const { master, masterUrl: url } = the.pgCluster;
    const idle = new Client(url);
    await idle.connect();
    const heard: unknown[] = [];
    idle.on('error', (error) => heard.push(error));
    idle.on('end', () => heard.push('end'));
    await master.silenceConnections();
    await the.pgCluster.heal();
    // Time for anything that would come if it could.
    await rows(url, 'SELECT pg_sleep(0.5)');
    expect(heard).toEqual([]);
    await expect(idle.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('lose a listener’s notifications, unnoticed until heal', async () => {
    const { master, masterUrl: url } = the.pgCluster;
    const listener = new Client(url);
    await listener.connect();
    const heard: unknown[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload));
    listener.on('error', (error) => heard.push(error));
    listener.on('end', () => heard.push('end'));
    await listener.query('LISTEN jobs');

    await expect(master.silenceConnections()).resolves.toBe(1);
    const sessions = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query = 'LISTEN jobs'`;
    await expect(rows(url, sessions)).resolves.toEqual([{ n: 0 }]);
    await rows(url, `NOTIFY jobs, 'lost'`);
    const unanswered = listener.query('SELECT 1').catch((error: Error) => error);
    // Time for anything that would come if it could.
    await expect(the.pgCluster.waitForCatchup()).resolves.toBeUndefined();
    await rows(url, 'SELECT pg_sleep(0.5)');
    expect(heard).toEqual([]);

    const end = new Promise((resolve) => listener.once('end', resolve));
    await the.pgCluster.heal();
    await end;
    await expect(unanswered).resolves.toThrow(/terminated|ECONNRESET/);
    expect(heard).not.toContain('lost');
  });

  test('are those that are open at the call; a second call takes newer ones', async () => {
    const { master } = the.pgCluster;
    await expect(master.silenceConnections()).resolves.toBe(0);
    const clients = [0, 1, 2].map(() => new Client(master.url));
    const [first, second, third] = clients as [Client, Client, Client];
    for (const client of clients) client.on('error', () => {});
    await first.connect();
    await expect(master.silenceConnections()).resolves.toBe(1);
    await second.connect();
    await expect(second.query('SELECT 2 AS a')).resolves.toMatchObject({ rows: [{ a: 2 }] });
    await expect(master.silenceConnections()).resolves.toBe(1);
    await third.connect();
    await expect(third.query('SELECT 3 AS a')).resolves.toMatchObject({ rows: [{ a: 3 }] });
    await third.end();

    const lost = [first, second].map((client) =>
      client.query('SELECT 1').catch((error: Error) => error),
    );
    await master.reconnect();
    for (const answer of lost) await expect(answer).resolves.toThrow(/terminated|ECONNRESET/);
    await expect(master.silenceConnections()).resolves.toBe(0);
  });

  test('do not include a slave’s replication', async () => {
    const { pgCluster } = the;
    await pgCluster.master.silenceConnections();
    await pgCluster.slaves[0]?.silenceConnections();
    await rows(pgCluster.masterUrl, 'CREATE TABLE goes_on (a int)');
    await pgCluster.waitForCatchup({ timeoutMs: 5000 });
  });

  test('need a server that runs', async () => {
    const { master } = the.pgCluster;
    await master.pause();
    await expect(master.silenceConnections()).rejects.toMatchObject(
      failure('STATE', /^pg0 cannot have its connections silenced: .*unpause it first$/),
    );
  });
});
