import { Client, Pool } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { failure } from '../support/failure';
import { rows } from '../support/rows';
import { fromOutside } from './outside';

const the = useCluster({ slaves: 1 });
/** What is looked for comes by chance; a round costs several times as much in Docker. */
const rounds = engine === 'local' ? 8 : 2;
afterEach(() => the.pgCluster.heal());

const refused = (url: string) => expect(rows(url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
const works = (url: string) => expect(rows(url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);

describe.each(['pg0', 'pg1'])('%s', (name) => {
  test.each(['fast', 'immediate', 'smart'] as const)('stop %s, then start', async (mode) => {
    const node = the.pgCluster.node(name);
    const { url, port } = node;
    await node.stop(mode);
    expect(node.state).toBe('stopped');
    await refused(url);
    await node.stop(mode);
    await node.start();
    await node.start();
    expect(node).toMatchObject({ state: 'running', port, url });
    await works(url);
  });

  test('restart', async () => {
    const node = the.pgCluster.node(name);
    const started = `SELECT pg_postmaster_start_time() AS at`;
    const [before] = await node.query<{ at: Date }>(started);
    await node.restart();
    const [after] = await node.query<{ at: Date }>(started);
    expect(after?.at.getTime()).toBeGreaterThan(before?.at.getTime() ?? 0);
  });

  test('kill: the connection ends, then new ones are refused', async () => {
    const node = the.pgCluster.node(name);
    const client = new Client(node.url);
    const ended = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    await node.kill();
    await expect(ended).resolves.toBeDefined();
    await refused(node.url);
    await node.kill();
    expect((await the.pgCluster.status()).nodes.find((n) => n.name === name)).toMatchObject({
      state: 'stopped',
      answers: false,
    });
    await node.start();
    await works(node.url);
  });

  test('kill: no client hears anything more from the server', async () => {
    const node = the.pgCluster.node(name);
    for (let time = 0; time < rounds; time += 1) {
      const clients = Array.from({ length: 6 }, () => new Client(node.url));
      const heard: unknown[] = [];
      for (const client of clients) client.on('error', (error) => heard.push(error));
      await Promise.all(clients.map((client) => client.connect()));
      const busy = clients.slice(0, 3).map((client) => client.query('SELECT pg_sleep(60)'));
      const lost = Promise.allSettled(busy);
      await node.kill();
      const told = [
        ...heard,
        ...(await lost).map((each) => (each as PromiseRejectedResult).reason),
      ];
      expect(told.length).toBeGreaterThanOrEqual(6);
      // Of PostgreSQL's own errors none: their code is an SQLSTATE.
      const texts = told.map((error) => `${(error as Error).message}`);
      expect(
        texts.filter((text) => !/^(Connection terminated|read ECONNRESET)/.test(text)),
      ).toEqual([]);
      await node.start();
    }
  });

  test('kill and stop: a pool hands out no old client', async () => {
    const node = the.pgCluster.node(name);
    const pool = new Pool({ connectionString: node.url, max: 5 });
    pool.on('error', () => {});
    try {
      for (let time = 0; time < rounds; time += 1) {
        const how = time % 2 === 0 ? 'kill' : 'stop';
        await Promise.all([1, 2, 3, 4, 5].map(() => pool.query('SELECT pg_sleep(0.01)')));
        await node[how]();
        expect(pool.totalCount).toBe(0);
        await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
        await node.start();
      }
    } finally {
      await pool.end();
    }
  });

  test('a kill from outside is noticed at once', async () => {
    for (let time = 0; time < rounds; time += 1) {
      await fromOutside.kill(the.pgCluster, name);
      await the.pgCluster.node(name).start();
      expect(the.pgCluster.timeline.at(-1)).toMatchObject({ act: 'start', outcome: 'done' });
      await works(the.pgCluster.node(name).url);
    }
  });

  test('a paused server can be killed, not stopped', async () => {
    const node = the.pgCluster.node(name);
    await node.pause();
    await expect(node.stop()).rejects.toMatchObject(
      failure('STATE', /^pg\d cannot be stopped: .*paused; unpause it first, or kill/),
    );
    await node.kill();
    await refused(node.url);
    await expect(node.unpause()).rejects.toMatchObject(
      failure('STATE', /^pg\d cannot be unpaused: .*start it first$/),
    );
    await expect(node.query('SELECT 1')).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_STATE' });
  });
});

test('what was committed is there after kill and start', async () => {
  const { pgCluster } = the;
  await rows(pgCluster.masterUrl, 'CREATE TABLE kept (a int)');
  for (let i = 1; i <= 3; i += 1) {
    await rows(pgCluster.masterUrl, `INSERT INTO kept VALUES (${i})`);
    await pgCluster.killMaster();
    await pgCluster.startMaster();
  }
  await expect(rows(pgCluster.masterUrl, 'SELECT a FROM kept ORDER BY a')).resolves.toEqual([
    { a: 1 },
    { a: 2 },
    { a: 3 },
  ]);
});

test('a smart stop that waits for clients says so, in time', async () => {
  const { master } = the.pgCluster;
  const client = new Client(master.url);
  client.on('error', () => {});
  await client.connect();
  await expect(the.cluster.master.stop('smart', Deadline.in(700))).rejects.toMatchObject(
    failure('TIMEOUT', 'it may be waiting for its clients to leave'),
  );
  await client.end();
  await the.pgCluster.heal();
  await works(master.url);
});

test('an unknown mode is refused', async () => {
  await expect(the.pgCluster.stopMaster('slowly' as 'fast')).rejects.toMatchObject(
    failure('ARGUMENT', "'smart' or 'fast' or 'immediate', not 'slowly'"),
  );
});
