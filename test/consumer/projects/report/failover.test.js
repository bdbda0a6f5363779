beforeAll(async () => {
  await pgCluster.master.kill();
});

test('the writer follows', async () => {
  await pgCluster.failover();
  expect(pgCluster.master.name).toBe(process.env.EXPECTED_MASTER ?? 'pg1');
});
