import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { expectRestore } from '../../src/cluster/lifecycle/snapshot';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { openEngine } from '../../src/engine/open-engine';
import { takeOptions } from '../../src/options/take-options';
import { start } from '../support/cluster';
import { expectNothingLeft } from '../support/leftovers';
import { answering } from '../support/local-servers';
import { rows } from '../support/rows';
import { until } from '../support/until';

afterEach(expectNothingLeft);

/** `npm run test:soak` looks at more moments. */
const stepMs = Number(process.env.PG_CLUSTER_SPARES_STEP_MS ?? 20);

const untilAnswering = (count: number) =>
  until(`${count} servers to answer`, () => {
    const found = answering().length;
    return found === count || `${found} do`;
  });

test.each([0, 20, 60, 120, 250, 400])(
  'a cluster that is removed %i ms after its spares are begun leaves nothing',
  async (waitMs) => {
    const the = await start({ slaves: 1, spareServers: true });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const startedAt = performance.now();
    await the[Symbol.asyncDispose]();
    // Half of what it may take to make them.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  },
);

test('spares that are not wanted any more while they are made as new are gone soon', async () => {
  await using the = await start({ slaves: 2, spareServers: true });
  const { cluster, pgCluster } = the;
  const { spares } = cluster.plan;
  for (let waitMs = 0; waitMs < 240; waitMs += stepMs) {
    await spares.settled();
    await pgCluster.reset();
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const startedAt = performance.now();
    spares.allow(false);
    await spares.settled();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(answering()).toHaveLength(3);
    spares.allow(true);
    expectRestore(cluster, cluster.newborn);
  }
});

test('spares that are not wanted any more are removed', async () => {
  await using the = await start({ slaves: 1, spareServers: true });
  await untilAnswering(4);
  the.cluster.plan.spares.allow(false);
  await untilAnswering(2);
  await the.pgCluster.reset();
  expect(answering()).toHaveLength(2);
});

test('there are none without a wire', async () => {
  await using the = await start({ slaves: 0, spareServers: true, wire: false });
  const { url } = the.pgCluster.master;
  await the.pgCluster.reset();
  expect(answering()).toHaveLength(1);
  expect(the.pgCluster.master.url).toBe(url);
  await expect(rows(url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});

test('there are none where so many workers have little memory each', async () => {
  const { options } = takeOptions({ engine: 'local', slaves: 0 }, __dirname, 5000);
  const cluster = await startCluster(await openEngine(options), options);
  try {
    cluster.plan.spares.allow(true);
    expectRestore(cluster, cluster.newborn);
    expect(cluster.plan.engine.spares(undefined)).toBeUndefined();
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
});

test('spares speak TLS as the others do', async () => {
  await using the = await start({ slaves: 0, spareServers: true, tls: 'required' });
  await untilAnswering(2);
  await the.pgCluster.reset();
  const client = new Client(the.pgCluster.masterUrl);
  await client.connect();
  const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  expect((await client.query(sql)).rows).toEqual([{ ssl: true }]);
  await client.end();
});

test('slaves of spares confirm commits', async () => {
  await using the = await start({ slaves: 2, synchronous: 1, spareServers: true });
  await untilAnswering(6);
  await the.pgCluster.reset();
  const { nodes } = await the.pgCluster.status();
  expect(nodes.filter(({ syncState }) => /sync|quorum/.test(String(syncState)))).not.toEqual([]);
});
