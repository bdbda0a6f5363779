import { type PgNode, pgCluster as plugin } from 'jest-environment-pg-cluster/vitest';
import { expect, test } from 'vitest';
import { defineConfig } from 'vitest/config';

const config = defineConfig({ plugins: [plugin({ slaves: [{ slot: true }] })] });

test('typed', async () => {
  expect(config.plugins).toHaveLength(1);
  const [url] = PG_SLAVE_URLS;
  const node: PgNode = pgCluster.master;
  expect(await pgCluster.status()).toBeStreaming();
  await expect(node).not.toHaveRun(/select/i, { since: Date.now() });
  expect(url).toBe(pgCluster.slaveUrls[0]);
});
