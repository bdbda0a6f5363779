import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentSession } from '../../src/cleanup/session';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { start } from '../support/cluster';
import { useFolder } from '../support/folder';
import { expectNothingLeft } from '../support/leftovers';
import { everyRoot } from '../support/local-servers';
import { rows } from '../support/rows';

const folder = useFolder('snapshots');
const megabyte = 1024 * 1024;

afterEach(expectNothingLeft);

/** A cluster that is born with two tables, one of them of that size. */
function startWith(sizeMb: number, given: Record<string, unknown>) {
  const init = join(folder, `${sizeMb}.sql`);
  writeFileSync(
    init,
    `CREATE TABLE changed AS SELECT generate_series(1, 10000) AS i;
     CREATE TABLE untouched AS SELECT i, repeat('much', 250) FROM generate_series(1, ${sizeMb * 1000}) AS i;`,
  );
  return start({ superuser: true, init, ...given });
}

/** The sizes of the archives of snapshots, in bytes. */
function archives(): number[] {
  return everyRoot()
    .map((root) => join(root, currentSession().id))
    .filter((home) => existsSync(home))
    .flatMap((home) =>
      readdirSync(home, { recursive: true }).map((path) => join(home, String(path))),
    )
    .filter((path) => /\/snapshot-[^/]*\.tar$/.test(path))
    .map((path) => statSync(path).size);
}

/** When the file of that table was last changed, on the master. */
async function whenChanged({ masterUrl }: PgCluster): Promise<bigint> {
  const sql = `SELECT current_setting('data_directory') || '/' || pg_relation_filepath('untouched') AS path`;
  const [row] = await rows(masterUrl, sql);
  return statSync(String(row?.path), { bigint: true }).ctimeNs;
}

/** To read a table may change it: rows get marks that they are valid. */
const sums = `SELECT (SELECT sum(i)::int FROM changed) AS sum, pg_relation_size('untouched') > 0 AS has`;
const atBirth = 50_005_000;

test('a snapshot holds what has changed since birth; of much, no more than what has changed is put back', async () => {
  await using the = await startWith(110, { slaves: 0 });
  const { pgCluster } = the;
  const master = (sql: string) => rows(pgCluster.masterUrl, sql);
  await master('CREATE TABLE kept AS SELECT 1 AS a');
  const before = await whenChanged(pgCluster);
  await pgCluster.snapshot();
  await master('UPDATE changed SET i = 0 WHERE i = 10000');
  await master('DROP TABLE kept');
  await master('CREATE DATABASE later');
  await pgCluster.snapshot('second');
  for (const bytes of archives()) expect(bytes).toBeLessThan(20 * megabyte);
  expect(archives()).toHaveLength(2);

  await master('TRUNCATE changed');
  await master('DROP DATABASE later');
  const later = `SELECT datname FROM pg_database WHERE datname = 'later'`;
  for (const _ of ['once', 'again']) {
    await pgCluster.restore('second');
    expect(await master(sums)).toEqual([{ sum: atBirth - 10_000, has: true }]);
    expect(await master(later)).toHaveLength(1);
    await pgCluster.restore();
    expect(await master(sums)).toEqual([{ sum: atBirth, has: true }]);
    expect(await master('TABLE kept')).toEqual([{ a: 1 }]);
    expect(await master(later)).toEqual([]);
    await pgCluster.reset();
    expect(await master(`SELECT to_regclass('kept') AS t`)).toEqual([{ t: null }]);
  }
  expect(await whenChanged(pgCluster)).toBe(before);
});

test('a snapshot of a master whose data are a clone has all of them', async () => {
  await using the = await startWith(1, { slaves: 1 });
  const { pgCluster } = the;
  await pgCluster.node('pg1').stop();
  await rows(pgCluster.masterUrl, 'CREATE TABLE lost (a int)');
  await pgCluster.killMaster();
  await pgCluster.node('pg1').start();
  await pgCluster.failover();
  await pgCluster.rejoin('pg0');
  await pgCluster.switchover({ to: 'pg0' });
  expect(await rows(pgCluster.masterUrl, `SELECT to_regclass('lost') AS t`)).toEqual([{ t: null }]);
  await rows(pgCluster.masterUrl, 'DELETE FROM changed WHERE i > 10');
  await pgCluster.snapshot();
  for (const act of ['restore', 'reset', 'restore'] as const) {
    await rows(pgCluster.masterUrl, 'TRUNCATE changed');
    await pgCluster[act]();
    const sum = act === 'reset' ? atBirth : 55;
    for (const { url } of pgCluster.nodes) {
      expect(await rows(url, sums)).toEqual([{ sum, has: true }]);
    }
  }
});
