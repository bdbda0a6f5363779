import { useCluster } from '../support/cluster';

const the = useCluster({ slaves: 1 });

test('without a network of their own nodes are found at their usual URLs', () => {
  const { network, nodes } = the.pgCluster;
  expect(network).toBeUndefined();
  expect(nodes.map(({ internalUrl }) => internalUrl)).toEqual(nodes.map(({ url }) => url));
});
