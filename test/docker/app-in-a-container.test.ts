import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { exec } from '../../src/engine/docker/container/exec';
import { tar } from '../../src/engine/docker/image/build-context';
import { useCluster } from '../support/cluster';
import { docker } from '../support/docker';
import { rows } from '../support/rows';

let app: Docker.Container | undefined;
const the = useCluster({ slaves: 1, tls: 'required' });
// After the cluster was removed: its network does not stay for others' sake, and they go on.
afterAll(async () => {
  const { State, NetworkSettings } = (await app?.inspect()) ?? {};
  await app?.remove({ force: true, v: true });
  expect({ runs: State?.Running, networks: NetworkSettings?.Networks }).toEqual({
    runs: true,
    networks: {},
  });
});

/** An application that has psql, in a container of its own on the cluster's network. */
beforeAll(async () => {
  const { network, caFile } = the.pgCluster;
  app = await docker.createContainer({
    Image: 'postgres:17',
    User: 'root',
    Entrypoint: ['sleep', '900'],
    Cmd: [],
    HostConfig: { NetworkMode: network },
  });
  // Not mounted: an engine without root may not read what is ours alone.
  if (!caFile) throw new Error('there is no file of the authority');
  const files = await tar([[caFile.slice(1), readFileSync(caFile, 'utf8')]]);
  await app.putArchive(files, { path: '/' });
  await app.start();
});

async function inApp(url: string, sql: string): Promise<string> {
  if (!app) throw new Error('there is no container');
  const command = ['env', 'PGCONNECT_TIMEOUT=2', 'psql', url, '-Atc', sql];
  return (await exec(app, { command, what: 'ask from the application' }, Deadline.in(20_000)))
    .output;
}

test('finds each node at its internalUrl, whose certificate it can verify', async () => {
  const { nodes } = the.pgCluster;
  expect(nodes.map(({ internalUrl }) => new URL(internalUrl).host)).toEqual([
    'pg0:5432',
    'pg1:5432',
  ]);
  for (const { name, internalUrl } of nodes) {
    expect(internalUrl).toContain('sslmode=verify-full');
    await expect(inApp(internalUrl, 'SHOW cluster_name')).resolves.toBe(name);
  }
  await expect(inApp('postgres://app:wrong@pg0:5432/testsuite', 'SELECT 1')).resolves.toMatch(
    /password authentication failed/,
  );
});

test('reads on while the master is paused, and is cut off with the other nodes', async () => {
  const { pgCluster } = the;
  const [slave] = pgCluster.slaves;
  if (!slave) throw new Error('there is no slave');
  const { master } = pgCluster;
  await rows(master.url, 'CREATE TABLE t AS SELECT 1 AS a');
  await pgCluster.waitForCatchup();
  await pgCluster.pauseMaster();
  await expect(inApp(slave.internalUrl, 'TABLE t')).resolves.toBe('1');
  await expect(inApp(master.internalUrl, 'TABLE t')).resolves.toMatch(/timeout expired/);
  await pgCluster.unpauseMaster();
  await expect(inApp(master.internalUrl, 'TABLE t')).resolves.toBe('1');
  await master.disconnect({ from: 'cluster' });
  await expect(inApp(master.internalUrl, 'TABLE t')).resolves.toMatch(/timeout expired/);
  await master.reconnect();
  await expect(inApp(master.internalUrl, 'TABLE t')).resolves.toBe('1');
});

test('follows a failover by name', async () => {
  const { pgCluster } = the;
  const before = pgCluster.master;
  await pgCluster.killMaster();
  await pgCluster.failover();
  const write = 'CREATE TABLE u AS SELECT 2 AS b';
  await expect(inApp(pgCluster.master.internalUrl, write)).resolves.toBe('SELECT 1');
  await expect(inApp(before.internalUrl, 'SELECT 1')).resolves.toMatch(
    /could not translate host name|Connection refused|timeout/,
  );
});
