test('the preset brings the matchers, beside those of the project', async () => {
  expect('ours').toBeOurs();
  expect(await pgCluster.status()).toBeStreaming();
});

test('a ledger has lost nothing', async () => {
  const ledger = await pgCluster.ledger();
  await ledger.waitFor('acknowledged', 20);
  expect(await ledger.verify()).toHaveLostNothing();
  // Left running: it has to end with the file.
});
