// @vitest-environment-options {"staleReads": true}
import { beforeEach, expect, test } from 'vitest';

beforeEach(async () => {
  await pgCluster.master.query('CREATE TABLE IF NOT EXISTS counts AS SELECT 0 AS n');
  await pgCluster.master.query('UPDATE counts SET n = n + 10');
});

const read = async () => (await pgCluster.slaves[0].query('TABLE counts'))[0].n;

test('slaves have what beforeEach wrote, and not what the test writes', async () => {
  expect(await read()).toBe(10);
  await pgCluster.master.query('UPDATE counts SET n = 1');
  expect(await read()).toBe(10);
  await pgCluster.waitForCatchup();
  expect(await read()).toBe(1);
});

test('again', async () => {
  expect(await read()).toBe(11);
});
