const acts = () => pgCluster.timeline.map(({ act }) => act);
const states = () => pgCluster.nodes.map(({ state }) => state);

test('a test after which the roles are others', async () => {
  await pgCluster.killMaster();
  await pgCluster.failover();
});

test('is put back at once: nothing is healed or rebuilt before', () => {
  expect(acts().slice(-2)).toEqual(['failover', 'reset']);
});

describe('faults of beforeAll', () => {
  beforeAll(async () => {
    await pgCluster.master.readOnly();
    await pgCluster.pauseSlave();
  });

  test('hold in the first test, which ends them', async () => {
    expect(states()).toEqual(['running', 'paused']);
    await expect(pgCluster.master.query('CREATE TABLE t ()')).rejects.toThrow(/read-only/);
    await pgCluster.unpauseSlave();
    await pgCluster.master.readOnly(false);
    await pgCluster.pauseMaster();
  });

  describe('and in a block within', () => {
    beforeAll(async () => {
      expect(states()).toEqual(['running', 'paused']);
      await pgCluster.unpauseSlave();
    });

    test('which may change them', () => {
      expect(states()).toEqual(['running', 'running']);
    });
    test('for all of its tests', () => {
      expect(states()).toEqual(['running', 'running']);
    });
  });

  test('hold in the last test too', async () => {
    expect(states()).toEqual(['running', 'paused']);
    await expect(pgCluster.master.query('CREATE TABLE t ()')).rejects.toThrow(/read-only/);
    await pgCluster.pauseMaster();
  });

  afterAll(async () => {
    // What the test has left is gone, what beforeAll has made is not.
    expect(states()).toEqual(['running', 'paused']);
  });
});

test('after the block there are none', async () => {
  expect(states()).toEqual(['running', 'running']);
  await pgCluster.master.query('CREATE TABLE t ()');
});

describe('what cannot be made again', () => {
  beforeAll(async () => {
    await pgCluster.killMaster();
    await pgCluster.failover();
  });

  test('fails each test', () => {});
  test('of the block', () => {});
});

test('and no other', () => {});
