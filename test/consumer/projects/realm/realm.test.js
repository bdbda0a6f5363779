const { PgClusterError } = require('jest-environment-pg-cluster');

test('errors of the package', async () => {
  await expect(pgCluster.slaves[0].readOnly()).rejects.toThrow(PgClusterError);
  const error = await pgCluster.slaves[0].readOnly().catch((thrown) => thrown);
  expect(error).toBeInstanceOf(PgClusterError);
  expect(error).toBeInstanceOf(Error);
  expect(error.stack).toContain('realm.test.js');
  expect(() => pgCluster.node('pg9')).toThrow(PgClusterError);
});

test('errors of PostgreSQL', async () => {
  const error = await pgCluster.master.query('TABLE missing').catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(PgClusterError);
  expect(error).toMatchObject({ code: '42P01', severity: 'ERROR' });
});

test('rows', async () => {
  const asked = pgCluster.master.query(
    `SELECT now() AS at, ARRAY[1, 2] AS list, '{"a": [{}]}'::jsonb AS json, '\\x00'::bytea AS raw`,
  );
  expect(asked).toBeInstanceOf(Promise);
  const rows = await asked;
  expect(rows).toBeInstanceOf(Array);
  const [{ at, list, json, raw }] = rows;
  expect(at).toBeInstanceOf(Date);
  expect([list, json, raw]).toStrictEqual([[1, 2], { a: [{}] }, Buffer.from([0])]);
});

test('parameters of the test', async () => {
  const at = new Date(86_400_000);
  const sql = 'SELECT $1::timestamptz AS at, $2::int[] AS list, $3::jsonb AS json';
  expect(await pgCluster.master.query(sql, [at, [1, 2], { a: 1 }])).toStrictEqual([
    { at, list: [1, 2], json: { a: 1 } },
  ]);
});

test('all else that the handle gives', async () => {
  expect(pgCluster).toBeInstanceOf(Object);
  expect(pgCluster.pauseMaster).toBeInstanceOf(Function);
  expect(PG_SLAVE_URLS).toStrictEqual([...pgCluster.slaveUrls]);
  expect(pgCluster.slaves).toBeInstanceOf(Array);
  const { nodes } = await pgCluster.status();
  expect(nodes).toBeInstanceOf(Array);
  expect(nodes[0]).toBeInstanceOf(Object);
  await pgCluster.pauseSlave();
  expect(pgCluster.timeline).toBeInstanceOf(Array);
  expect(pgCluster.timeline[0]).toBeInstanceOf(Object);
  await pgCluster.unpauseSlave();

  const ledger = await pgCluster.ledger();
  await ledger.waitFor('acknowledged', 3);
  await ledger.stop();
  const report = await ledger.verify();
  expect(report.missing).toStrictEqual([]);
  await expect(ledger.waitFor('acknowledged')).rejects.toThrow(PgClusterError);
});

test('nodes are the same each time, and can be given back', async () => {
  expect(pgCluster.master).toBe(pgCluster.nodes[0]);
  expect(await pgCluster.switchover({ to: pgCluster.slaves[0] })).toBe(pgCluster.node('pg1'));
});
