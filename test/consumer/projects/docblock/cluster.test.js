/**
 * @jest-environment pg-cluster
 * @jest-environment-options {"slaves": 1}
 */

test('this file has a cluster', async () => {
  expect(PG_SLAVE_URLS).toHaveLength(1);
  const rows = await pgCluster.slaves[0].query('SELECT pg_is_in_recovery() AS slave');
  expect(rows).toEqual([{ slave: true }]);
});
