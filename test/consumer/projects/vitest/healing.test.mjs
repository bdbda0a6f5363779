import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

const states = async () => (await pgCluster.status()).nodes.map(({ state }) => state);
const allRun = ['running', 'running'];

test('a test leaves a fault', () => pgCluster.pauseMaster());

test('and the next finds none', async () => {
  expect(await states()).toEqual(allRun);
});

describe('a block', () => {
  beforeAll(() => pgCluster.pauseSlave());
  afterAll(async () => {
    expect(await states()).toEqual(['running', 'paused']);
  });

  test('has the fault of its beforeAll', async () => {
    expect(await states()).toEqual(['running', 'paused']);
    await pgCluster.pauseMaster();
  });

  describe('an inner block', () => {
    beforeAll(async () => {
      await pgCluster.master.readOnly();
    });

    test('has both', async () => {
      expect(await states()).toEqual(['running', 'paused']);
      await expect(pgCluster.master.query('CREATE TABLE a (b int)')).rejects.toThrow();
    });
  });

  test('has only its own again', async () => {
    await pgCluster.master.query('CREATE TABLE a (b int)');
    expect(await states()).toEqual(['running', 'paused']);
  });
});

test('the block has taken its fault with it', async () => {
  expect(await states()).toEqual(allRun);
});

describe('a block whose hooks fail', () => {
  afterAll(() => {
    throw new Error('afterAll fails');
  });

  describe('in afterEach', () => {
    afterEach(() => {
      throw new Error('afterEach fails');
    });
    test('fails', () => pgCluster.killMaster());
  });

  test('is followed by a whole cluster', async () => {
    expect(await states()).toEqual(allRun);
    await pgCluster.pauseSlave();
  });
});

describe('at the same time', () => {
  test.concurrent('one breaks', async () => {
    await pgCluster.pauseSlave();
  });
  test.concurrent('another sees it', async () => {
    await expect.poll(states, { timeout: 30_000 }).toEqual(['running', 'paused']);
  });
});

test('after that all is whole', async () => {
  expect(await states()).toEqual(allRun);
});

let attempts = 0;
test('a test that is retried finds a whole cluster', { retry: 1 }, async () => {
  expect(await states()).toEqual(allRun);
  await pgCluster.killMaster();
  attempts += 1;
  expect(attempts).toBe(2);
});
