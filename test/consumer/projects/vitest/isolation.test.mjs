// @vitest-environment-options {"isolation": "test"}
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const tables = async () => {
  const found = await pgCluster.master.query(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
  );
  return found.map(({ relname }) => relname);
};
const create = (name) => pgCluster.master.query(`CREATE TABLE ${name} ()`);

beforeEach(() => create('each'));

test('one makes a table', async () => {
  await create('of_a_test');
  await pgCluster.killMaster();
  await pgCluster.failover();
});

test('another has none of it', async () => {
  expect(await tables()).toEqual(['each']);
  expect(pgCluster.master.name).toBe('pg0');
});

describe('a block', () => {
  beforeAll(async () => {
    expect(await tables()).toEqual([]);
    await create('of_block');
    await pgCluster.snapshot();
    await pgCluster.pauseSlave();
  });
  afterAll(async () => {
    expect(await tables()).toContain('of_block');
  });

  for (const test_ of ['first', 'second']) {
    test(`${test_} has the block's snapshot and its fault`, async () => {
      expect(await tables()).toEqual(['each', 'of_block']);
      const { nodes } = await pgCluster.status();
      expect(nodes[1].state).toBe('paused');
      await create(test_);
    });
  }
});

test('after the block its snapshot is gone', async () => {
  expect(await tables()).toEqual(['each']);
});
