import { useCluster } from '../support/cluster';
import { engine } from '../support/engine';
import { expectToHang, rows } from '../support/rows';

// 13's and 15's catalogs differ from 17's in what status and readiness ask for, whoever runs the
// server. docker/versions.test.ts tries more of the oldest in Docker.
const versions = engine === 'local' ? [17, 15, 13] : [17];

describe.each(versions)('the main job on PostgreSQL %d', (version) => {
  const the = useCluster({ version, slaves: 2 });

  test('it is that version, one master and two slaves', async () => {
    const { pgCluster } = the;
    expect(pgCluster.nodes.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'pg0 master',
      'pg1 slave',
      'pg2 slave',
    ]);
    for (const { url } of pgCluster.nodes) {
      const [row] = await rows(url, 'SHOW server_version_num');
      expect(Math.floor(Number(row?.server_version_num) / 10_000)).toBe(version);
    }
  });

  test('what is written on the master is read on every slave', async () => {
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 42 AS answer');
    await pgCluster.waitForCatchup();
    for (const url of pgCluster.slaveUrls) {
      expect(await rows(url, 'SELECT answer FROM t')).toEqual([{ answer: 42 }]);
    }
  });

  test('a slave takes no writes', async () => {
    await expect(
      rows(the.pgCluster.slaveUrls[0] ?? '', 'CREATE TABLE no (a int)'),
    ).rejects.toMatchObject({ code: '25006' });
  });

  test('the recipe: up, master paused, back', async () => {
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE acts (act text)');
    await rows(pgCluster.masterUrl, "INSERT INTO acts VALUES ('up')");
    await pgCluster.waitForCatchup();

    await pgCluster.pauseMaster();
    await expectToHang(pgCluster.masterUrl);
    for (const url of pgCluster.slaveUrls) {
      expect(await rows(url, 'SELECT act FROM acts')).toEqual([{ act: 'up' }]);
    }

    await pgCluster.unpauseMaster();
    await rows(pgCluster.masterUrl, "INSERT INTO acts VALUES ('back')");
    await pgCluster.waitForCatchup();
    for (const url of pgCluster.slaveUrls) {
      expect(await rows(url, 'SELECT count(*)::int AS n FROM acts')).toEqual([{ n: 2 }]);
    }
  });

  test('status shows roles, positions and lag', async () => {
    const { pgCluster } = the;
    await rows(pgCluster.masterUrl, 'CREATE TABLE s (a int)');
    await pgCluster.waitForCatchup();
    const { master, nodes } = await pgCluster.status();
    expect(master).toBe('pg0');
    expect(nodes).toMatchObject([
      { name: 'pg0', role: 'master', state: 'running', answers: true, timelineId: 1 },
      ...['pg1', 'pg2'].map((name) => ({
        name,
        role: 'slave',
        state: 'running',
        answers: true,
        streaming: true,
        syncState: 'async',
        lagBytes: expect.any(Number),
        lagMs: expect.any(Number),
        lsn: expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
        timelineId: 1,
        problem: null,
      })),
    ]);
  });
});
