import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from '../../src/base/deadline';
import type { EngineKind } from '../../src/engine/registry';
import { handleOf } from '../../src/handle/cluster-handle';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { takeOptions } from '../../src/options/take-options';
import { acquireCluster, releaseCluster, removeIdleClusters } from '../../src/runner/cluster-pool';
import type { Series } from './table';

/** What the tests of a file may take, in which the next copy is made. */
const testsMs = 1_000;
/** Tests that follow each other at once leave no time in which a copy could be made. */
const tests = 10;
/** An ordinary test. */
const testMs = 150;
/** What Jest itself does between a file's teardown and the next one's setup, at least. */
const gapMs = 100;

type Measure = <T>(name: string, act: () => Promise<T>) => Promise<T>;

/** What a fresh cluster costs where the nodes stay: for each file, and for each test. */
export async function measureReuse(engine: EngineKind, rounds: number): Promise<Series> {
  const series: Series = {};
  const add = (name: string, seconds: number) => {
    series[name] = [...(series[name] ?? []), seconds];
  };
  const measure: Measure = async (name, act) => {
    const startedAt = performance.now();
    const result = await act();
    add(name, (performance.now() - startedAt) / 1000);
    return result;
  };
  const given = { engine, slaves: 2, lifetime: 'worker', isolation: 'test' };
  const { options } = takeOptions(given, __dirname);
  let cluster = await acquireCluster(options);
  // Not the first one: in Docker there are no spare servers before that.
  await handleOf(cluster).reset();
  for (let round = 0; round < rounds; round += 1) {
    const pgCluster = handleOf(cluster);
    await use(pgCluster);
    await measure('reset', () => pgCluster.reset());
    const { short, ordinary } = await measureTests(pgCluster, () => pgCluster.reset());
    add(`each of ${tests} short tests with isolation 'test'`, short);
    add(`what each of ${tests} tests of ${testMs} ms waits with isolation 'test'`, ordinary);
    await use(pgCluster);
    await measure('teardown and setup, nothing between', async () => {
      await releaseCluster(cluster, __filename);
      cluster = await acquireCluster(options);
    });
    await sleep(testsMs);
    await measure('teardown', () => releaseCluster(cluster, __filename));
    await sleep(gapMs);
    cluster = await measure(`setup, ${gapMs} ms later`, () => acquireCluster(options));
  }
  // Last, since in Docker there are no spare servers while there are snapshots.
  for (let round = 0; round < rounds; round += 1) {
    const pgCluster = handleOf(cluster);
    await pgCluster.reset();
    await pgCluster.master.query('CREATE TABLE migrated (a int)');
    await measure('snapshot', () => pgCluster.snapshot());
    await use(pgCluster);
    await measure('restore', () => pgCluster.restore());
    const { ordinary } = await measureTests(pgCluster, () => pgCluster.restore());
    add(`the same, from a snapshot of beforeAll`, ordinary);
  }
  await releaseCluster(cluster, __filename);
  await removeIdleClusters(Deadline.in(30_000));
  return series;
}

async function use(pgCluster: PgCluster): Promise<void> {
  await sleep(testsMs);
  await pgCluster.master.query('CREATE TABLE used AS SELECT generate_series(1, 1000)');
}

/** What each of several tests takes that follow each other at once, and what an ordinary one waits. */
async function measureTests(
  pgCluster: PgCluster,
  asNew: () => Promise<void>,
): Promise<{ short: number; ordinary: number }> {
  const began = performance.now();
  for (let test = 0; test < tests; test += 1) {
    await pgCluster.master.query('CREATE TABLE short AS SELECT 1');
    // What isolation 'test' does before each.
    await asNew();
  }
  const short = (performance.now() - began) / 1000 / tests;
  let waited = 0;
  for (let test = 0; test < tests; test += 1) {
    await pgCluster.master.query('CREATE TABLE ordinary AS SELECT 1');
    await sleep(testMs);
    const startedAt = performance.now();
    await asNew();
    waited += (performance.now() - startedAt) / 1000;
  }
  return { short, ordinary: waited / tests };
}
