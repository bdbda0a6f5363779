test('a write comes back', async () => {
  await pgCluster.master.query('CREATE TABLE seen AS SELECT 1 AS a');
  await pgCluster.pauseSlave();
  expect('what came').toBe('what was wanted');
});

test('the next test has a whole cluster', async () => {
  expect((await pgCluster.status()).nodes.map(({ state }) => state)).toEqual([
    'running',
    'running',
  ]);
});
