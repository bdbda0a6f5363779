describe('while the master hangs', () => {
  beforeAll(() => pgCluster.pauseMaster());

  test('it hangs in the first test', async () => {
    const { nodes } = await pgCluster.status();
    expect(nodes.map(({ state }) => state)).toEqual(['paused', 'running']);
  });

  test('what a test itself breaks is mended after it', () => pgCluster.pauseSlave());

  test('it hangs in the last test, too', async () => {
    const { nodes } = await pgCluster.status();
    expect(nodes.map(({ state }) => state)).toEqual(['paused', 'running']);
  });
});

test('after the block it runs', async () => {
  await pgCluster.master.query('CREATE TABLE written ()');
});
