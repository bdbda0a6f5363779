import { FixedAddresses } from '../../src/engine/docker/network/fixed-addresses';

test('each node has a fixed address, which the others know before it runs', () => {
  const addresses = FixedAddresses.in('10.89.3.0/24');
  expect(addresses?.of('pg0')).toEqual({ ip: '10.89.3.16', mac: '02:50:0a:59:03:10' });
  expect(addresses?.of('pg63')).toEqual({ ip: '10.89.3.79', mac: '02:50:0a:59:03:4f' });
  expect(addresses?.hosts).toHaveLength(64);
  expect(addresses?.hosts[2]).toBe('pg2:10.89.3.18');
});

test('addresses at the upper end of the range work', () => {
  expect(FixedAddresses.in('192.168.255.0/24')?.of('pg1')?.ip).toBe('192.168.255.17');
});

test('with too many nodes, or another kind of network, names are left to the engine’s DNS', () => {
  expect(FixedAddresses.in('10.89.3.0/24')?.of('pg64')).toBeUndefined();
  expect(FixedAddresses.in('10.89.3.0/26')).toBeUndefined();
  expect(FixedAddresses.in('fd00::/64')).toBeUndefined();
  expect(FixedAddresses.in(undefined)).toBeUndefined();
});
