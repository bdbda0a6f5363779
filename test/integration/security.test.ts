import { networkInterfaces } from 'node:os';
import { Client } from 'pg';
import { start, useCluster } from '../support/cluster';
import { rows } from '../support/rows';

const the = useCluster({ slaves: 1, password: 'a password that must not be seen' });

const withPassword = (url: string, other: string) => {
  const changed = new URL(url);
  changed.password = other;
  return changed.href;
};

test.each([0, 1])('node %d refuses a wrong password and an empty one', async (index) => {
  const url = the.pgCluster.nodes[index]?.url ?? '';
  await expect(rows(withPassword(url, 'wrong'), 'SELECT 1')).rejects.toMatchObject({
    code: '28P01',
  });
  await expect(rows(withPassword(url, ''), 'SELECT 1')).rejects.toThrow(/password/);
});

test('roles without a password of ours cannot log in', async () => {
  const { master } = the.pgCluster;
  const client = new Client({
    host: master.host,
    port: master.port,
    user: 'postgres',
    password: 'postgres',
    database: 'postgres',
  });
  await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  await client.end();
});

test('another cluster’s password does not open this one', async () => {
  await using other = await start({ slaves: 0 });
  const mine = new URL(the.pgCluster.masterUrl);
  const theirs = new URL(other.pgCluster.masterUrl);
  mine.password = theirs.password;
  await expect(rows(mine.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

test('only loopback is published', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  expect(others.length).toBeGreaterThan(0);
  for (const { address } of others) {
    for (const { port } of the.pgCluster.nodes) {
      const client = new Client({ host: address, port, connectionTimeoutMillis: 2000 });
      await expect(client.connect()).rejects.toThrow(/ECONNREFUSED|timeout/);
    }
  }
});
