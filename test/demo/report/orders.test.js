test('an order that was acknowledged outlives the master', async () => {
  const ledger = await pgCluster.ledger();
  await ledger.waitFor('acknowledged', 20);
  // Nobody confirms commits here, and a crash comes before the slaves have them.
  for (const slave of pgCluster.slaves) await slave.disconnect({ from: 'cluster' });
  await ledger.waitFor('acknowledged', 20);
  await pgCluster.killMaster();
  await ledger.waitFor('failed', 5);
  for (const slave of pgCluster.slaves) await slave.reconnect();

  await pgCluster.failover();
  await ledger.waitFor('acknowledged', 20);
  await pgCluster.rejoin('pg0');
  await ledger.stop();
  expect(await ledger.verify()).toHaveLostNothing();
});
