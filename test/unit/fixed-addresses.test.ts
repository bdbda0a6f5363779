import { FixedAddresses } from '../../src/engine/docker/network/fixed-addresses';

test('each node has a fixed address, which the others know before it runs', () => {
  const addresses = FixedAddresses.in('10.89.3.0/24');
  expect(addresses?.of('pg0')).toEqual({ ip: '10.89.3.16', mac: '02:50:0a:59:03:10' });
  expect(addresses?.of('pg238')).toEqual({ ip: '10.89.3.254', mac: '02:50:0a:59:03:fe' });
  expect(addresses?.hosts).toHaveLength(64);
  expect(addresses?.hosts[2]).toBe('pg2:10.89.3.18');
});

test('so have others there, each its own, and certificates name all that servers have', () => {
  const addresses = FixedAddresses.in('172.20.0.0/16');
  expect(addresses?.own).toBe('172.20.0.2');
  expect(addresses?.of('prepare')?.ip).toBe('172.20.0.3');
  const servers = addresses?.ofServers ?? [];
  expect(new Set(servers).size).toBe(240);
  expect(servers).not.toContain(addresses?.own);
  for (const name of ['prepare', 'pg0', 'pg238']) {
    expect(servers).toContain(addresses?.of(name)?.ip);
  }
});

test('in a large network others have the upper half', () => {
  expect(FixedAddresses.rangeBeside('172.20.0.0/16')).toBe('172.20.128.0/17');
  expect(FixedAddresses.rangeBeside('192.168.96.0/20')).toBe('192.168.104.0/21');
  expect(FixedAddresses.rangeBeside('10.89.3.0/24')).toBeUndefined();
});

test('addresses at the upper end of the range work', () => {
  expect(FixedAddresses.in('192.168.255.0/24')?.of('pg1')?.ip).toBe('192.168.255.17');
});

test('a small network has room for some', () => {
  const addresses = FixedAddresses.in('10.89.3.16/28');
  expect(addresses?.own).toBe('10.89.3.18');
  expect(addresses?.of('pg0')?.ip).toBe('10.89.3.20');
  expect(addresses?.of('pg10')?.ip).toBe('10.89.3.30');
  expect(addresses?.of('pg11')).toBeUndefined();
  expect(addresses?.hosts).toHaveLength(11);
});

test('with too many nodes, or another kind of network, there are none', () => {
  expect(FixedAddresses.in('10.89.3.0/24')?.of('pg239')).toBeUndefined();
  expect(FixedAddresses.in('10.89.3.0/29')).toBeUndefined();
  expect(FixedAddresses.in('fd00::/64')).toBeUndefined();
  expect(FixedAddresses.in(undefined)).toBeUndefined();
});
