test('passes', async () => {
  await pgCluster.pauseSlave();
});
