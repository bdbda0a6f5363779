import { PassThrough } from 'node:stream';
import { acquireEngine } from '../engine';
import { useCluster } from '../support/cluster';
import { containerOf, docker } from '../support/docker';
import { rows } from '../support/rows';

// What the local engine does with every version, Docker does with the default everywhere, and with
// the oldest here.
describe.each([13])('PostgreSQL %d', (version) => {
  beforeAll(async () => void (await acquireEngine({ majors: [version] })), 900_000);
  const the = useCluster({ version, tls: true, slaves: [{ slot: true }, {}], diskLimitMb: 128 });
  const all = async (sql: string) => {
    await the.pgCluster.waitForCatchup();
    return Promise.all(the.pgCluster.nodes.map(({ url }) => rows(url, sql)));
  };

  /** Of a shell in a container of that image. */
  const exitCodeOf = async (image: string, script: string) => {
    const options = { Entrypoint: ['sh', '-c'], HostConfig: { AutoRemove: true } };
    const [{ StatusCode }] = await docker.run(image, [script], new PassThrough(), options);
    return StatusCode;
  };

  test('its master changes, by plan and by force, and all nodes follow', async () => {
    const { pgCluster } = the;
    const [row] = await rows(pgCluster.masterUrl, 'SHOW server_version_num');
    expect(Math.floor(Number(row?.server_version_num) / 10_000)).toBe(version);
    await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
    await pgCluster.switchover();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)');
    await pgCluster.killMaster();
    await pgCluster.failover();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (3)');
    await pgCluster.addSlave();
    await pgCluster.heal();
    expect(await all('SELECT sum(a)::int AS sum FROM t')).toEqual(Array(4).fill([{ sum: 6 }]));
  });

  test('its data are saved, restored and reset', async () => {
    const { pgCluster } = the;
    await pgCluster.snapshot('three');
    await rows(pgCluster.masterUrl, 'DROP TABLE t');
    await pgCluster.restore('three');
    expect(await all('SELECT sum(a)::int AS sum FROM t')).toEqual(Array(4).fill([{ sum: 6 }]));
    await pgCluster.reset();
    expect(await all(`SELECT to_regclass('t') AS t`)).toEqual(Array(3).fill([{ t: null }]));
  });

  test('its image has no nft, by which nodes are cut off: ours, built on it, has', async () => {
    const { Id } = await docker.getImage(`postgres:${version}`).inspect();
    expect(await exitCodeOf(Id, 'command -v nft')).not.toBe(0);
    const node = await (await containerOf(the.pgCluster, 'pg0')).inspect();
    expect(await exitCodeOf(node.Image, 'PATH=$PATH:/usr/sbin; command -v nft')).toBe(0);
  });

  test('it can be cut off, frozen, filled, made read-only and delayed, and heals', async () => {
    const { pgCluster } = the;
    const [first, second] = pgCluster.slaves;
    await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
    await pgCluster.waitForCatchup();
    await first?.pauseReplay();
    await second?.disconnect({ from: 'cluster' });
    await pgCluster.master.fillDisk();
    await expect(
      rows(pgCluster.masterUrl, 'INSERT INTO t SELECT generate_series(1, 100000)'),
    ).rejects.toMatchObject({ code: '53100' });
    await pgCluster.master.freeDisk();
    await pgCluster.master.readOnly();
    await expect(rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)')).rejects.toMatchObject({
      code: '25006',
    });
    await pgCluster.pauseMaster();
    await pgCluster.heal();
    await rows(pgCluster.masterUrl, 'INSERT INTO t VALUES (2)');
    expect(await all('SELECT sum(a)::int AS sum FROM t')).toEqual(Array(3).fill([{ sum: 3 }]));
  });
});
