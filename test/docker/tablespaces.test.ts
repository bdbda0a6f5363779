import { useCluster } from '../support/cluster';
import { rows } from '../support/rows';

const the = useCluster({ slaves: 1 });

/** Makes one, whose directory each node has to have before it hears of it, with a table in it. */
async function makeTablespace(): Promise<void> {
  const { master, nodes } = the.pgCluster;
  for (const node of nodes) await node.query(`COPY (SELECT 1) TO PROGRAM 'mkdir -p /tmp/far'`);
  await master.query(`CREATE TABLESPACE far LOCATION '/tmp/far'`);
  await master.query('CREATE TABLE t TABLESPACE far AS SELECT 1 AS a');
  await the.pgCluster.waitForCatchup();
}

async function everywhere(): Promise<unknown[]> {
  await the.pgCluster.waitForCatchup();
  const sql = 'SELECT sum(a)::int AS sum FROM t';
  return Promise.all(the.pgCluster.nodes.map(async ({ url }) => (await rows(url, sql))[0]?.sum));
}

test('tablespaces are copied to new slaves, and outlast failovers and rebuilds', async () => {
  const { pgCluster } = the;
  await makeTablespace();
  await pgCluster.addSlave();
  expect(await everywhere()).toEqual([1, 1, 1]);
  await expect(pgCluster.snapshot('kept')).rejects.toThrow(/there are tablespaces \(far\)/);

  // Twice: what is rebuilt has been rebuilt before.
  for (const _ of ['pg0', 'another']) {
    const former = pgCluster.master;
    await former.pause();
    await pgCluster.failover({ force: true });
    await former.unpause();
    await former.query('INSERT INTO t VALUES (100)');
    await pgCluster.master.query('INSERT INTO t VALUES (1)');
    await pgCluster.rejoin(former);
    expect(pgCluster.timeline.at(-1)?.detail).toMatch(/^rebuilt/);
  }
  expect(await everywhere()).toEqual([3, 3, 3]);
});

test('after a reset the same directories can be used again', async () => {
  await the.pgCluster.reset();
  await makeTablespace();
  expect(await everywhere()).toEqual([1, 1]);
  await the.pgCluster.master.query('DROP TABLE t');
  await the.pgCluster.master.query('DROP TABLESPACE far');
  await the.pgCluster.snapshot('kept');
  await the.pgCluster.restore('kept');
  await makeTablespace();
  expect(await everywhere()).toEqual([1, 1]);
});
