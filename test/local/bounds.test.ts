import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { guard } from '../../src/cleanup/guard';
import { currentSession } from '../../src/cleanup/session';
import { heal } from '../../src/cluster/lifecycle/heal';
import { SizeWatcher } from '../../src/engine/local/directories/size-watcher';
import { start, useCluster } from '../support/cluster';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { expectNothingLeft } from '../support/leftovers';
import { dataOf } from '../support/local-servers';
import { rows } from '../support/rows';

const folder = useFolder('bounds');

/** Some 130 MB, and as much of WAL; no more, should nobody end it. */
const greedy = `INSERT INTO orders SELECT i, repeat('x', 100) FROM generate_series(1, 1000000) AS i`;

describe('a node whose data take more than dataLimitMb', () => {
  const the = useCluster({ slaves: 1, dataLimitMb: 150 });
  beforeAll(() => guard('local'));

  test('is ended, even while this process is busy', async () => {
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE orders (id int, what text)');
    const client = new Client(pgCluster.masterUrl);
    client.on('error', () => {});
    await client.connect();
    const pidFile = join(dataOf('pg0'), 'postmaster.pid');
    const inserting = client.query(greedy).then(
      () => 'it was done',
      (error: Error) => error.message,
    );
    await new Promise(setImmediate);
    const busy = Deadline.in(20_000);
    while (existsSync(pidFile) && !busy.expired);
    expect(existsSync(pidFile)).toBe(false);
    await expect(inserting).resolves.toMatch(/terminat/);
  });

  test('says why in its state, its log, and when it is started or healed', async () => {
    const { pgCluster, cluster } = the;
    const why = /its data took \d{3} MB, and dataLimitMb allows 150 MB/;
    const [master] = (await pgCluster.status()).nodes;
    expect(master).toMatchObject({ state: 'stopped', problem: expect.stringMatching(why) });
    expect(await pgCluster.master.logs()).toMatch(why);
    const limit = failure('LIMIT', why);
    await expect(pgCluster.startMaster()).rejects.toMatchObject(limit);
    const startedAt = performance.now();
    await expect(heal(cluster)).rejects.toMatchObject(limit);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('runs again after a reset, and is left alone', async () => {
    const { pgCluster } = the;
    await pgCluster.reset();
    await rows(pgCluster.masterUrl, 'CREATE TABLE orders (id int, what text)');
    await pgCluster.waitForCatchup();
    expect((await pgCluster.status()).nodes.map(({ state }) => state)).toEqual([
      'running',
      'running',
    ]);
  });
});

describe('the watcher', () => {
  afterEach(expectNothingLeft);

  test('ends a server that grows when memory is nearly used up, below its bound', async () => {
    const watcher = new SizeWatcher(currentSession().id, Number.MAX_SAFE_INTEGER);
    await using the = await start({ slaves: 0 });
    const { masterUrl } = the.pgCluster;
    await rows(masterUrl, 'CREATE TABLE orders (id int, what text)');
    watcher.start();
    try {
      await expect(rows(masterUrl, greedy)).rejects.toThrow(/terminat/);
      await expect(heal(the.cluster)).rejects.toMatchObject(
        failure('LIMIT', /its data grew to \d+ MB, when only \d+ MB of .* were left/),
      );
    } finally {
      watcher.stop();
    }
  });

  test('ends SQL in init that inserts without end, and says why', async () => {
    const watcher = new SizeWatcher(currentSession().id);
    watcher.start();
    const init = join(folder, 'greedy.sql');
    writeFileSync(init, `CREATE TABLE orders (id int, what text); ${greedy};`);
    try {
      const starting = start({ slaves: 0, dataLimitMb: 100, init, cacheDir: folder });
      await expect(starting).rejects.toMatchObject(
        failure(
          'IMAGE',
          /running greedy\.sql failed: its data took 1\d\d MB, and dataLimitMb allows 100 MB/,
        ),
      );
    } finally {
      watcher.stop();
    }
  });
});
