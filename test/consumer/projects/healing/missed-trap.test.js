test('sets a trap that nothing springs', async () => {
  await pgCluster.master.cutAt(/no such statement/);
});

test('sets none', async () => {});
