test('kills its process', async () => {
  await pgCluster.pauseSlave();
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {});
});
