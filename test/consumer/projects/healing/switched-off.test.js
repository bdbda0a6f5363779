/**
 * @jest-environment-options {"heal": false}
 */

test('leaves it paused for good', () => pgCluster.pauseMaster());

test('finds it paused', async () => {
  const { nodes } = await pgCluster.status();
  expect(nodes.map(({ state }) => state)).toEqual(['paused', 'running']);
});
