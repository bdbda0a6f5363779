import {
  type NodeStatus,
  PgClusterError,
  type PgClusterErrorCode,
} from 'jest-environment-pg-cluster';

test('tests are typed', async () => {
  const master: string = PG_MASTER_URL;
  const slaves: string[] = PG_SLAVE_URLS;
  const status = await pgCluster.status();
  const first: NodeStatus | undefined = status.nodes[0];
  expect([master, ...slaves, first?.lagBytes]).toBeDefined();

  const error = new PgClusterError('ERR_PG_CLUSTER_STATE', 'message');
  const code: PgClusterErrorCode = error.code;
  await expect(pgCluster.node('pg9').pause()).rejects.toMatchObject({ code });
});
