import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../src/base/deadline';
import type { EngineKind } from '../../src/engine/registry';
import { handleOf } from '../../src/handle/cluster-handle';
import { takeOptions } from '../../src/options/take-options';
import { acquireCluster, releaseCluster, removeIdleClusters } from '../../src/runner/cluster-pool';
import type { Series } from './table';

/** What the tests of a file may take, in which the next copy is made. */
const testsMs = 1_000;
/** Tests that follow each other at once leave no time in which a copy could be made. */
const shortTests = 10;
/** An ordinary test. */
const testMs = 150;
/** What Jest itself does between a file's teardown and the next one's setup, at least. */
const gapMs = 100;

/** What a fresh cluster costs where the nodes stay: for each file, and for each test. */
export async function measureReuse(engine: EngineKind, rounds: number): Promise<Series> {
  const given = { engine, slaves: 2, lifetime: 'worker', isolation: 'test' };
  const { options } = takeOptions(given, __dirname);
  const series: Series = {};
  const measure = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await act();
    series[name] = [...(series[name] ?? []), (performance.now() - startedAt) / 1000];
    return result;
  };
  let cluster = await acquireCluster(options);
  for (let round = 0; round < rounds; round += 1) {
    const pgCluster = handleOf(cluster);
    const use = async () => {
      await sleep(testsMs);
      await pgCluster.master.query('CREATE TABLE used AS SELECT generate_series(1, 1000)');
    };
    await use();
    await measure('reset', () => pgCluster.reset());
    await pgCluster.master.query('CREATE TABLE migrated (a int)');
    await measure('snapshot', () => pgCluster.snapshot());
    await use();
    await measure('restore', () => pgCluster.restore());
    const began = performance.now();
    for (let test = 0; test < shortTests; test += 1) {
      await pgCluster.master.query('CREATE TABLE short AS SELECT 1');
      // What isolation 'test' does before each.
      await pgCluster.restore();
    }
    const perTest = `each of ${shortTests} short tests with isolation 'test'`;
    series[perTest] = [...(series[perTest] ?? []), (performance.now() - began) / 1000 / shortTests];
    const waits: number[] = [];
    for (let test = 0; test < shortTests; test += 1) {
      await pgCluster.master.query('CREATE TABLE ordinary AS SELECT 1');
      await sleep(testMs);
      const startedAt = performance.now();
      await pgCluster.restore();
      waits.push((performance.now() - startedAt) / 1000);
    }
    const waited = `what each of ${shortTests} tests of ${testMs} ms waits with isolation 'test'`;
    series[waited] = [
      ...(series[waited] ?? []),
      waits.reduce((sum, wait) => sum + wait) / waits.length,
    ];
    await pgCluster.reset();
    await use();
    const startedAt = performance.now();
    await releaseCluster(cluster, __filename);
    cluster = await acquireCluster(options);
    const seconds = (performance.now() - startedAt) / 1000;
    const name = 'teardown and setup, nothing between';
    series[name] = [...(series[name] ?? []), seconds];
    await sleep(testsMs);
    await measure('teardown', () => releaseCluster(cluster, __filename));
    await sleep(gapMs);
    cluster = await measure(`setup, ${gapMs} ms later`, () => acquireCluster(options));
  }
  await releaseCluster(cluster, __filename);
  await removeIdleClusters(Deadline.in(30_000));
  return series;
}
