import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { reset } from '../../src/cluster/lifecycle/restore';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { openEngine } from '../../src/engine/open-engine';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { takeOptions } from '../../src/options/take-options';
import { start } from '../support/cluster';
import { docker, ofThisProcess } from '../support/docker';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';
import { resetBySpares } from '../support/spares';
import { until } from '../support/until';

afterEach(expectNothingLeft);

async function names(): Promise<string[]> {
  const containers = await docker.listContainers({ filters: ofThisProcess() });
  return containers.map(({ Names }) => String(Names[0]));
}

const untilContainers = (count: number) =>
  until(`${count} containers`, async () => {
    const found = await names();
    return found.length === count || found.join(' ');
  });

const log = ({ masterUrl }: PgCluster, what: string) =>
  rows(masterUrl, `DO $$ BEGIN RAISE LOG '${what}'; END $$`);

test('a cluster that is never reset has none', async () => {
  await using the = await start({ slaves: 0, spareServers: true });
  await the.cluster.plan.spares.settled();
  expect(await names()).toHaveLength(1);
});

test.each([0, 150, 300, 600])(
  'a cluster that is removed %i ms after its spares are begun leaves nothing',
  async (waitMs) => {
    await using the = await start({ slaves: 1, spareServers: true });
    await the.pgCluster.reset();
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  },
);

test('once a test knows the network, it stays', async () => {
  await using the = await start({ slaves: 1, spareServers: true });
  const { pgCluster } = the;
  await pgCluster.reset();
  await resetBySpares(the);
  await untilContainers(4);
  const { network } = pgCluster;
  const [{ Containers } = {}] = [await docker.getNetwork(String(network)).inspect()];
  await untilContainers(2);
  expect(Object.keys(Containers ?? {})).toHaveLength(2);
  await pgCluster.reset();
  await pgCluster.reset();
  expect(pgCluster.network).toBe(network);
  expect(await names()).toHaveLength(2);
});

test('once a test knows how others find a node there, they go on to find it', async () => {
  await using the = await start({ slaves: 0, spareServers: true });
  await the.pgCluster.reset();
  await untilContainers(2);
  expect(the.pgCluster.master.internalUrl).toContain('@pg0:5432/');
  await untilContainers(1);
});

test('what former servers have logged stays when they are removed', async () => {
  await using the = await start({ slaves: 0, spareServers: true, superuser: true });
  const { pgCluster } = the;
  await pgCluster.reset();
  for (const what of ['the first', 'the second', 'the third']) {
    await log(pgCluster, what);
    if (what !== 'the third') await resetBySpares(the);
  }
  the.cluster.plan.spares.allow(false);
  await the.cluster.plan.spares.settled();
  expect(await names()).toHaveLength(1);
  const all = await pgCluster.master.logs();
  expect(all.match(/the (first|second|third)(?=\n)/g)).toEqual([
    'the first',
    'the second',
    'the third',
  ]);
});

test('there are none while there is a snapshot, which stays where it is', async () => {
  await using the = await start({ slaves: 1, spareServers: true });
  const { pgCluster } = the;
  await pgCluster.reset();
  await resetBySpares(the);
  await rows(pgCluster.masterUrl, 'CREATE TABLE kept AS SELECT 1 AS a');
  await pgCluster.snapshot();
  await untilContainers(2);
  for (let time = 0; time < 3; time += 1) {
    await pgCluster.reset();
    expect(await rows(pgCluster.masterUrl, "SELECT to_regclass('kept') AS t")).toEqual([
      { t: null },
    ]);
    await the.cluster.plan.spares.settled();
  }
  await pgCluster.restore();
  for (const { url } of pgCluster.nodes) expect(await rows(url, 'TABLE kept')).toEqual([{ a: 1 }]);
  // As at the end of a test file.
  the.cluster.snapshots.clear();
  await pgCluster.reset();
  await pgCluster.reset();
  await resetBySpares(the);
});

test('there are none where so many workers would need too many networks', async () => {
  const { options } = takeOptions({ engine: 'docker', slaves: 0 }, __dirname, 9);
  const cluster = await startCluster(await openEngine(options), options);
  try {
    cluster.plan.spares.allow(true);
    await reset(cluster);
    await reset(cluster);
    expect(cluster.plan.engine.spares(undefined)).toBeUndefined();
    expect(await names()).toHaveLength(1);
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
});

test('bounded disks are in memory, so there are none', async () => {
  await using the = await start({ slaves: 0, spareServers: true, diskLimitMb: 64 });
  await the.pgCluster.reset();
  await the.pgCluster.reset();
  expect(the.cluster.plan.engine.spares(undefined)).toBeUndefined();
});
