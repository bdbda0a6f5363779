import { Client } from 'pg';
import { expect, test } from 'vitest';

test('fails after a failover', async () => {
  await pgCluster.killMaster();
  await pgCluster.failover();
  expect(1).toBe(2);
});

test('forgets an await', async () => {
  pgCluster.master.restart();
});

test('is whole again', async () => {
  expect((await pgCluster.status()).nodes.every(({ answers }) => answers)).toBe(true);
});

test.fails('is meant to fail', () => {
  expect(1).toBe(2);
});

test('loses a connection that nobody listens to', async () => {
  const client = new Client(pgCluster.masterUrl);
  await client.connect();
  await pgCluster.master.kill();
  await new Promise((resolve) => setTimeout(resolve, 200));
});
