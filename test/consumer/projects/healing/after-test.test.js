test('leaves the master paused', async () => {
  await pgCluster.pauseMaster();
});

test('finds it running', async () => {
  expect(pgCluster.master.state).toBe('running');
  await pgCluster.master.query('CREATE TABLE written ()');
});
