import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../../src/alone/start-cluster';
import type { EngineKind } from '../../src/engine/registry';
import type { Series } from './table';

/** What tests may take, in which a cluster is made ready to be as new again. */
const testsMs = 1_000;

const rows = (megabytes: number) => megabytes * 1900;

/** What it costs to be as new, and to keep a state, where there are many data that do not change. */
export async function measureGrowth(engine: EngineKind, rounds: number): Promise<Series> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-cluster-bench-'));
  const series: Series = {};
  try {
    for (const megabytes of [0, 500]) {
      const init = join(folder, `${megabytes}.sql`);
      writeFileSync(
        init,
        `CREATE TABLE big AS SELECT i AS id, repeat(md5(i::text), 15) AS payload
           FROM generate_series(1, ${rows(megabytes)}) AS i;`,
      );
      await measure(series, `${megabytes} MB`, { engine, init }, rounds);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return series;
}

async function measure(
  series: Series,
  size: string,
  { engine, init }: { engine: EngineKind; init: string },
  rounds: number,
): Promise<void> {
  const given = { engine, init, slaves: 1, dataLimitMb: 8_000, startTimeoutMs: 300_000 } as const;
  const { dataLimitMb: _, ...inDocker } = given;
  const timed = async (name: string, act: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await act();
    const row = `${name}, ${size}`;
    series[row] = [...(series[row] ?? []), (performance.now() - startedAt) / 1000];
  };
  await using pgCluster = await startCluster(engine === 'local' ? given : inDocker);
  const use = async () => {
    await pgCluster.master.query('CREATE TABLE used AS SELECT generate_series(1, 1000)');
    await sleep(testsMs);
  };
  for (let round = 0; round < rounds; round += 1) {
    await use();
    await timed('reset', () => pgCluster.reset());
  }
  for (let round = 0; round < rounds; round += 1) {
    await use();
    await timed('snapshot', () => pgCluster.snapshot());
    await pgCluster.master.query('DROP TABLE used');
    await timed('restore', () => pgCluster.restore());
    await pgCluster.reset();
  }
}
