import { packagedMajors, packageSpec } from '../../src/engine/local/programs/npm-packages';
import { useCluster } from '../support/cluster';
import { expectToHang, rows } from '../support/rows';

// The main job and what hangs most on the version: clones, rejoining, delays, slots.
// What an error message says of each was installed for it, see versions.ts.
describe.each(packagedMajors.filter((major) => packageSpec(major)))('PostgreSQL %d', (version) => {
  const the = useCluster({ version, tls: true, slaves: [{ slot: true }, { upstream: 'pg1' }] });

  test('streams, hangs, comes back, fails over, takes the old master in', async () => {
    const { pgCluster } = the;
    const [row] = await rows(pgCluster.masterUrl, 'SHOW server_version_num');
    expect(Math.floor(Number(row?.server_version_num) / 10_000)).toBe(version);

    await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
    await pgCluster.waitForCatchup();
    for (const url of pgCluster.slaveUrls) {
      await expect(rows(url, 'TABLE t')).resolves.toEqual([{ a: 1 }]);
      await expect(rows(url, 'DELETE FROM t')).rejects.toMatchObject({ code: '25006' });
    }
    await pgCluster.pauseMaster();
    await expectToHang(pgCluster.masterUrl);
    await pgCluster.unpauseMaster();

    await pgCluster.killMaster();
    await pgCluster.failover();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)');
    await pgCluster.addSlave();
    await pgCluster.heal();
    await pgCluster.waitForCatchup();
    for (const { url } of pgCluster.nodes) {
      await expect(rows(url, 'SELECT a FROM t ORDER BY a')).resolves.toEqual([{ a: 1 }, { a: 2 }]);
    }
  });
});
