const { expect, test } = require('@jest/globals');

test('without the preset and without globals, listing the module brings the matchers', async () => {
  await expect(pgCluster.status()).resolves.toBeStreaming();
  await pgCluster.pauseSlave();
  await expect(pgCluster.status()).resolves.not.toBeStreaming();
});
