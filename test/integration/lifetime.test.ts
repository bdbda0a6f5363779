import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import type { Cluster } from '../../src/cluster/cluster';
import { heal } from '../../src/cluster/lifecycle/heal';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { handleOf } from '../../src/handle/cluster-handle';
import { type ResolvedOptions, takeOptions } from '../../src/options/take-options';
import { acquireCluster, releaseCluster, removeIdleClusters } from '../../src/runner/cluster-pool';
import { figure } from '../engine/figures';
import { ofEngine } from '../support/cluster';
import { engine } from '../support/engine';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';
import { until } from '../support/until';
import { hostile } from './hostile';
import { traits } from './traits';

const rounds = Number(process.env.PG_CLUSTER_HOSTILE_FILES ?? (engine === 'local' ? 5 : 2));

function options(given: Record<string, unknown> = {}) {
  const all = { ...ofEngine, slaves: 1, lifetime: 'worker', superuser: true, ...given };
  return takeOptions(all, __dirname).options;
}

/** Released also when a test fails. */
const inUse = new Set<Cluster>();

async function acquire(o: ResolvedOptions): Promise<Cluster> {
  const cluster = await acquireCluster(o);
  inUse.add(cluster);
  return cluster;
}

async function release(cluster: Cluster): Promise<void> {
  if (inUse.delete(cluster)) await releaseCluster(cluster, __filename);
}

afterEach(async () => {
  for (const cluster of inUse) await release(cluster);
  await removeIdleClusters(Deadline.in(30_000));
  await expectNothingLeft();
});

/** But for the password, which is another one in each file. */
function withoutPasswords(found: object): unknown {
  return JSON.parse(JSON.stringify(found).replace(/:[^:@"]+@/g, ':***@'));
}

test(
  `after a hostile file the next one's cluster is as new, ${rounds} times in a row`,
  async () => {
    const mine = options();
    const first = await acquire(mine);
    const born = withoutPasswords(await traits(handleOf(first)));
    let cluster = first;
    for (let round = 1; round <= rounds; round += 1) {
      const former = handleOf(cluster);
      const end = await hostile(former);
      await release(cluster);
      cluster = await acquire(mine);
      expect(withoutPasswords(await traits(handleOf(cluster)))).toEqual(born);
      await expect(former.pauseMaster()).rejects.toMatchObject({ code: 'ERR_PG_CLUSTER_CLOSED' });
      await end();
      figure('hostile files survived');
    }
    await release(cluster);
  },
  rounds * 10_000 + 60_000,
);

test('connections of an earlier file cannot get in', async () => {
  const mine = options({ slaves: 0 });
  const first = await acquire(mine);
  const formerUrl = handleOf(first).masterUrl;
  await release(first);
  const second = await acquire(mine);
  const { masterUrl } = handleOf(second);
  expect(new URL(masterUrl).port).toBe(new URL(formerUrl).port);
  await expect(rows(formerUrl, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  await expect(rows(masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  // Also not after a reset by the file itself, which keeps its URLs.
  await handleOf(second).reset();
  await expect(rows(masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  await release(second);
});

test('an act that is under way when its file ends does not harm the next file', async () => {
  const mine = options();
  const first = await acquire(mine);
  const late = [handleOf(first).killMaster(), handleOf(first).failover({ force: true })];
  const settled = Promise.allSettled(late);
  await release(first);
  const second = await acquire(mine);
  await settled;
  expect(second.master.name).toBe('pg0');
  expect((await heal(second)).what).toEqual([]);
  await release(second);
});

test('clients that a file has left are sent away before its servers can be made as new', async () => {
  const cluster = await acquire(options({ slaves: 0 }));
  const client = new Client({ connectionString: handleOf(cluster).masterUrl });
  client.on('error', () => {});
  await client.connect();
  let isGone = false;
  client.once('end', () => {
    isGone = true;
  });
  let letGo: () => void = () => {};
  const turn = cluster.master.inTurn(
    () =>
      new Promise<void>((resolve) => {
        letGo = resolve;
      }),
  );
  try {
    await release(cluster);
    await until('the client to be sent away', () => isGone);
  } finally {
    letGo();
    await turn;
  }
});

test('files with other options get clusters of their own; a cluster that is lost is replaced', async () => {
  const mine = options({ slaves: 0 });
  const other = options({ slaves: 0, settings: { work_mem: '9MB' } });
  const first = await acquire(mine);
  const url = handleOf(first).masterUrl;
  await release(first);
  const second = await acquire(other);
  expect(await rows(handleOf(second).masterUrl, 'SHOW work_mem')).toEqual([{ work_mem: '9MB' }]);
  await release(second);
  // The first one again, healed or not: it is restored.
  const third = await acquire(options({ slaves: 0, heal: false, logs: 'never' }));
  expect(new URL(handleOf(third).masterUrl).port).toBe(new URL(url).port);
  await third.master.engineNode.remove(Deadline.in(10_000));
  await release(third);
  const fourth = await acquire(mine);
  expect(await rows(handleOf(fourth).masterUrl, 'SELECT 1 AS a')).toEqual([{ a: 1 }]);
  await release(fourth);
});

test('a cluster that cannot be removed does not keep the process guarded', async () => {
  const cluster = await acquire(options({ slaves: 0, lifetime: 'file' }));
  const guards = process.listenerCount('disconnect');
  const remove = jest
    .spyOn(cluster.plan.engine, 'remove')
    .mockRejectedValueOnce(new Error('the engine is away'));
  await expect(release(cluster)).rejects.toThrow('the engine is away');
  expect(process.listenerCount('disconnect')).toBe(guards - 1);
  remove.mockRestore();
  await removeCluster(cluster, Deadline.in(30_000));
});
