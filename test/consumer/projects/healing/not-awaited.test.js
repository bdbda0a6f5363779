test('forgets to await', () => {
  pgCluster.pauseMaster();
});

test('the next one meets a whole cluster', async () => {
  expect(pgCluster.master.state).toBe('running');
  await pgCluster.master.query('CREATE TABLE written ()');
});

describe('in a hook', () => {
  beforeAll(() => {
    pgCluster.pauseSlave();
  });

  test('it is done before the first test', () => {
    expect(pgCluster.slaves[0].state).toBe('paused');
  });

  test('and holds for the block', () => {
    expect(pgCluster.slaves[0].state).toBe('paused');
  });
});
