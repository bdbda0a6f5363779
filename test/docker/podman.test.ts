import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { currentSession } from '../../src/cleanup/session';
import type { Cluster } from '../../src/cluster/cluster';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { exec } from '../../src/engine/docker/container/exec';
import { label } from '../../src/engine/docker/image/labels';
import { openEngine } from '../../src/engine/open-engine';
import { handleOf } from '../../src/handle/cluster-handle';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { takeOptions } from '../../src/options/take-options';
import type { OtherEngine } from '../engine/other-engine';
import { startRootlessPodman } from '../engine/podman';
import { Sshd } from '../engine/sshd';
import { acts, forActs } from '../support/all-acts';
import { start as startTestCluster } from '../support/cluster';
import { containersOf, docker } from '../support/docker';
import { keepEnv } from '../support/env';
import { rows } from '../support/rows';

keepEnv(afterAll);
const steps: string[] = [];
let podman: OtherEngine;
let cluster: Cluster;
let pgCluster: PgCluster;

async function start(): Promise<Cluster> {
  const { options } = takeOptions({ engine: 'docker' }, __dirname);
  const progress = { step: (text: string) => steps.push(text), end: () => {} };
  return startCluster(await openEngine(options), options, progress);
}

beforeAll(async () => {
  podman = await startRootlessPodman(docker, ['postgres:17']);
  process.env.DOCKER_HOST = podman.host;
  cluster = await start();
  pgCluster = handleOf(cluster);
}, 400_000);
afterEach(() => pgCluster.heal());
afterAll(async () => {
  try {
    if (cluster) await removeCluster(cluster, Deadline.in(30_000));
    await expect(podman.docker.listContainers({ all: true })).resolves.toEqual([]);
    const filters = { label: [label.session] };
    await expect(podman.docker.listNetworks({ filters })).resolves.toEqual([]);
  } finally {
    await podman?.end();
  }
}, 60_000);

test('its build steps are reported', () => {
  expect(steps).toContainEqual(
    expect.stringMatching(/^building the master image from postgres:17, step \d+\/\d+: RUN /),
  );
});

test('clusters start one after another and leave nothing', async () => {
  for (let count = 0; count < 2; count += 1) {
    await removeCluster(await start(), Deadline.in(30_000));
  }
  const filters = { label: [`${label.session}=${currentSession().id}`] };
  const containers = await podman.docker.listContainers({ all: true, filters });
  expect(containers).toHaveLength(pgCluster.nodes.length);
  await expect(podman.docker.listNetworks({ filters })).resolves.toHaveLength(1);
});

test('nodes know each other’s names without the engine’s DNS, also while one is down', async () => {
  const other = pgCluster.slaves[0]?.name ?? '';
  const there = await outputIn(other, 'getent', 'hosts', 'pg0');
  expect(there).toMatch(/^\d+\.\d+\.\d+\.\d+ +pg0$/);
  await pgCluster.stopMaster();
  await expect(outputIn(other, 'getent', 'hosts', 'pg0')).resolves.toBe(there);
  await pgCluster.heal();
  const address = await outputIn('pg0', 'hostname', '-i');
  expect(address.split(' ')).toContain(there.split(' ')[0]);
  // For any other name a DNS that is deaf is not waited for.
  await expect(outputIn(other, 'cat', '/etc/resolv.conf')).resolves.toMatch(
    /^options .*timeout:1 attempts:1/m,
  );
});

test('the master changes to and fro', async () => {
  const former = pgCluster.master;
  await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
  await pgCluster.switchover();
  await pgCluster.switchover({ to: former });
  expect(pgCluster.master).toBe(former);
  await pgCluster.waitForCatchup();
  for (const { url } of pgCluster.nodes)
    await expect(rows(url, 'TABLE t')).resolves.toHaveLength(1);
});

test.each(['clients', 'all'] as const)('clients are cut off: from %s', async (from) => {
  const { master } = pgCluster;
  await master.disconnect({ from });
  await expectNoAnswer(master.url);
  await master.reconnect();
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});

test('open connections go half-open, new ones work', async () => {
  const { master } = pgCluster;
  const client = new Client({ connectionString: master.url, query_timeout: 1000 });
  client.on('error', () => {});
  await client.connect();
  await expect(master.silenceConnections()).resolves.toBe(1);
  await expect(client.query('SELECT 1')).rejects.toThrow(/timeout/);
  await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  await client.end().catch(() => {});
});

test('a server hangs, whether or not the engine can freeze it', async () => {
  await pgCluster.pauseMaster();
  const { nodes } = await pgCluster.status();
  expect(nodes.map(({ state }) => state)).toEqual(['paused', 'running', 'running']);
  await expectNoAnswer(pgCluster.masterUrl);
  await pgCluster.unpauseMaster();
  await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});

test('without a freezer every process of a server is stopped, also one that it is just starting', async () => {
  const { master } = pgCluster;
  let goesOn = true;
  // Each of them makes the server start a process.
  const clients = Array.from({ length: 4 }, async () => {
    while (goesOn) {
      const client = new Client({ connectionString: master.url, connectionTimeoutMillis: 1000 });
      client.on('error', () => {});
      await client.connect().catch(() => {});
      await client.end().catch(() => {});
    }
  });
  try {
    for (let count = 0; count < 5; count += 1) {
      await pgCluster.pauseMaster();
      const container = (await containersOf(pgCluster, podman.docker)).get(master.name);
      const { State } = (await container?.inspect()) ?? {};
      // The engine knows nothing of it.
      expect(State).toMatchObject({ Running: true, Paused: false });
      const look = 'for s in /proc/[0-9]*/stat; do cut -d" " -f2,3 "$s" 2>/dev/null || :; done';
      const seen = (await outputIn(master.name, 'sh', '-c', look)).split('\n');
      const states = seen.flatMap((line) => /^\(postgres\) (\w)$/.exec(line)?.[1] ?? []);
      expect(states.length).toBeGreaterThan(4);
      // Z: one that had ended before, and whose parent is stopped.
      expect(states.filter((state) => !'TZ'.includes(state))).toEqual([]);
      await pgCluster.unpauseMaster();
      await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    }
  } finally {
    goesOn = false;
    await Promise.all(clients);
  }
});

test('a broken cluster heals, and a reset makes it as new', async () => {
  await pgCluster.killMaster();
  await pgCluster.failover();
  await pgCluster.pauseSlave(1);
  await pgCluster.heal();
  await pgCluster.addSlave();
  await pgCluster.reset();
  expect(pgCluster.nodes.map(({ role }) => role)).toEqual(['master', 'slave', 'slave']);
  await pgCluster.master.query('CREATE TABLE anew AS SELECT 1 AS a');
  await pgCluster.waitForCatchup();
  for (const { url } of pgCluster.nodes) {
    await expect(rows(url, 'TABLE anew')).resolves.toEqual([{ a: 1 }]);
  }
});

test('over ssh, at the path of its socket, all works as here', async () => {
  const env = { DOCKER_HOST: 'unix:///nowhere' };
  const ssh = await Sshd.start({ ip: '127.0.0.1', via: [], env });
  const before = { ...process.env };
  try {
    const socketPath = podman.host.replace('unix://', '');
    Object.assign(process.env, ssh.env, { DOCKER_HOST: `${ssh.host}${socketPath}` });
    await using the = await startTestCluster({ ...forActs, engine: 'docker' });
    for (const act of Object.values(acts)) {
      await act({ pgCluster: the.pgCluster, docker: podman.docker });
    }
  } finally {
    Object.assign(process.env, before);
    await ssh.end();
  }
});

/** What a command in a node's container says. */
async function outputIn(node: string, ...command: string[]): Promise<string> {
  const container = (await containersOf(pgCluster, podman.docker)).get(node);
  if (!container) throw new Error(`there is no container of ${node}`);
  return (await exec(container, { command, what: 'look' }, Deadline.in(10_000))).output;
}

/** A client's connection is taken, and that is all. */
async function expectNoAnswer(connectionString: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 1000 });
  client.on('error', () => {});
  await expect(client.connect()).rejects.toThrow(/timeout/);
}
