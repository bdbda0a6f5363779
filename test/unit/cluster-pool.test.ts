import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster';
import { startGuarded } from '../../src/cluster/lifecycle/guarded-cluster';
import { expectRestore } from '../../src/cluster/lifecycle/snapshot';
import { SpareSlot } from '../../src/cluster/spare-slot';
import { takeOptions } from '../../src/options/take-options';
import { acquireCluster, releaseCluster } from '../../src/runner/cluster-pool';

// Which cluster a file gets is seen without servers; test/integration/lifetime.test.ts has real ones.
jest.mock('../../src/cleanup/guard');
jest.mock('../../src/cluster/lifecycle/guarded-cluster');
jest.mock('../../src/cluster/lifecycle/snapshot');
jest.mock('../../src/cluster/lifecycle/hand-over', () => ({
  handOver: async (cluster: Cluster) => ({ ...cluster }),
}));

let started = 0;
jest.mocked(startGuarded).mockImplementation(async () => {
  started += 1;
  const plan = { spares: new SpareSlot() };
  return { endpoints: [], born: started, plan } as unknown as Cluster;
});

const folder = mkdtempSync(join(tmpdir(), 'pgc-pool-'));
const init = join(folder, '1.sql');
afterAll(() => rmSync(folder, { recursive: true }));

async function bornAs(text: string, whileInUse: () => void = () => {}): Promise<number> {
  writeFileSync(init, text);
  const { options } = takeOptions({ lifetime: 'worker', init }, folder);
  const cluster = await acquireCluster(options);
  whileInUse();
  await releaseCluster(cluster, __filename);
  return (cluster as unknown as { born: number }).born;
}

test("spares are made for a worker's second file, not for its only one", async () => {
  const { options } = takeOptions({ lifetime: 'worker', version: 16 }, folder);
  const allow = jest.spyOn(SpareSlot.prototype, 'allow');
  const first = await acquireCluster(options);
  await releaseCluster(first, __filename);
  expect(allow).not.toHaveBeenCalled();
  const second = await acquireCluster(options);
  expect(allow.mock.calls).toEqual([[true]]);
  expect(expectRestore).toHaveBeenLastCalledWith(second, second.newborn);
  await releaseCluster(second, __filename);
});

test('a file gets the cluster that another file has left, if SQL files have the same text', async () => {
  const first = await bornAs('SELECT 1');
  await expect(bornAs('SELECT 1')).resolves.toBe(first);
  const other = await bornAs('SELECT 2');
  expect(other).not.toBe(first);
  await expect(bornAs('SELECT 1')).resolves.toBe(first);
  await expect(bornAs('SELECT 2')).resolves.toBe(other);
});

test('an SQL file that changes while its cluster is in use leads to another cluster', async () => {
  const old = await bornAs('SELECT 3', () => writeFileSync(init, 'SELECT 4'));
  await expect(bornAs('SELECT 4')).resolves.not.toBe(old);
  await expect(bornAs('SELECT 3')).resolves.toBe(old);
});
