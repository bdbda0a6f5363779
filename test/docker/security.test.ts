import type Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { exec } from '../../src/engine/docker/container/exec';
import { Connection } from '../../src/postgres/connection';
import { start, useCluster } from '../support/cluster';
import { containerOf, containersOf, docker } from '../support/docker';
import { keepEnv } from '../support/env';
import { command, inputs, useProjects } from '../support/prepared-project';
import { EngineProxy, type Passed } from './engine-proxy';

const password = 'a password that must not be seen';

const newProject = useProjects('security');
/** All that the engine was asked for. */
let requests: readonly Passed[] = [];
let proxy: EngineProxy;
keepEnv(afterAll);
beforeAll(async () => {
  proxy = await EngineProxy.open();
  requests = proxy.record();
  process.env.DOCKER_HOST = proxy.host;
});
const the = useCluster({ slaves: 1, password, tls: true });

afterAll(() => proxy.close());

test('a neighbouring container gets in only with the password', async () => {
  const containers = await containersOf(the.pgCluster);
  const master = await containers.get('pg0')?.inspect();
  const [network = ''] = Object.keys(master?.NetworkSettings.Networks ?? {});
  const psql = (user: string) => [
    ...['psql', '-h', 'pg0', '-U', user, '-w', '-At'],
    ...['-c', 'SELECT 6 * 7', 'testsuite'],
  ];
  const copy = ['pg_basebackup', '-h', 'pg0', '-U', 'pgcluster_replication', '-w', '-D', '/tmp/x'];
  for (const command of [psql('postgres'), psql('testsuite'), copy]) {
    expect(await runIn(network, command)).toMatch(/no password supplied/);
    expect(await runIn(network, command, 'wrong')).toMatch(/password authentication failed/);
  }
  expect(await runIn(network, psql('testsuite'), password)).toMatch(/^42\s*$/);
});

test('containers have no capability, no privileges, and run no server as root', async () => {
  const containers = await containersOf(the.pgCluster);
  expect([...containers.keys()].sort()).toEqual(['pg0', 'pg1']);
  for (const container of containers.values()) {
    const { HostConfig, Config } = await container.inspect();
    expect(HostConfig.Privileged).toBe(false);
    expect(HostConfig.CapDrop).toEqual(['ALL']);
    expect(HostConfig.CapAdd ?? []).toEqual([]);
    expect(Config.User).toBe('postgres');
    expect(HostConfig.Binds ?? []).toEqual([]);
  }
});

/** Those of all roles, and what they are checked against. */
async function secretsOf(containers: Iterable<Docker.Container>): Promise<string[]> {
  const opened = jest.spyOn(Connection, 'open');
  const session = await the.cluster.master.connect('admin', Deadline.in(10_000));
  session.destroy();
  const passwords: string[] = [password, opened.mock.lastCall?.[0].password ?? 'none'];
  opened.mockRestore();
  for (const container of containers) {
    const command = ['cat', '/pg-cluster/run/pgpass'];
    const { output } = await exec(container, { command, what: 'read' }, Deadline.in(10_000));
    passwords.push(/:pgcluster_replication:(\S{20,})$/.exec(output)?.[1] ?? 'none');
  }
  const roles = await the.pgCluster.master.query<{ rolpassword: string }>(
    'SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL',
  );
  expect(roles).toHaveLength(3);
  expect(new Set(passwords).size).toBe(3);
  const verifiers = roles.map(({ rolpassword }) => rolpassword);
  return [...new Set([...passwords, ...verifiers, ...(await keysOf(containers))])];
}

/** Lines of their private keys. */
async function keysOf(containers: Iterable<Docker.Container>): Promise<string[]> {
  const keys: string[] = [];
  for (const container of containers) {
    const command = ['cat', '/pg-cluster/run/server.key'];
    const { output } = await exec(container, { command, what: 'read' }, Deadline.in(10_000));
    const lines = output.split('\n').filter((line) => /^[\w+/]{64}$/.test(line));
    expect(lines.length).toBeGreaterThan(20);
    keys.push(...lines);
  }
  return keys;
}

test('no password and no key is in an image, its history, process arguments, a container or a log', async () => {
  const { pgCluster } = the;
  // What is made later: a clone, a snapshot, containers beside a node's.
  await pgCluster.addSlave();
  await pgCluster.master.disconnect();
  await pgCluster.master.reconnect();
  await pgCluster.snapshot();
  const containers = [...(await containersOf(pgCluster)).values()];
  expect(containers).toHaveLength(3);
  const secrets = await secretsOf(containers);
  const texts = new Map<string, string>();
  for (const [index, container] of containers.entries()) {
    const info = await container.inspect();
    const image = docker.getImage(info.Image);
    const { Processes } = await container.top({ ps_args: '-eo pid,args' });
    texts.set(`container ${index}`, JSON.stringify(info));
    texts.set(`image ${index}`, JSON.stringify(await image.inspect()));
    texts.set(`history ${index}`, JSON.stringify(await image.history()));
    texts.set(`processes ${index}`, JSON.stringify(Processes));
    const log = await container.logs({ stdout: true, stderr: true });
    texts.set(`log ${index}`, log.toString());
  }
  for (const { path, body } of requests) {
    // What comes in archives is read by nobody but the node.
    if (!/\/(archive|build)\?/.test(path)) texts.set(`request ${texts.size}`, `${path} ${body}`);
  }
  expect([...texts.values()].join()).toContain('PG_CLUSTER_CONF');
  expect([...texts.values()].join()).toContain('NET_ADMIN');
  const leaks = [...texts].flatMap(([where, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${where}: ${secret}`),
  );
  expect(leaks).toEqual([]);
  for (const what of ['container', 'image', 'history', 'processes', 'log']) {
    expect(texts.get(`${what} 2`)?.length).toBeGreaterThan(20);
  }
});

test('no image has a key, not even one of data that were prepared over TLS', async () => {
  const project = newProject();
  await using prepared = await start(
    { slaves: 0, tls: true, prepare: { command, inputs } },
    project.folder,
  );
  const container = await containerOf(prepared.pgCluster, 'pg0');
  const { Image } = await container.inspect();
  const look = "grep -rl 'PRIVATE KEY' /pg-cluster";
  const options = { command: ['sh', '-c', look], what: 'look' };
  // That is where it would be found.
  const { output } = await exec(container, options, Deadline.in(10_000));
  expect(output).toContain('/pg-cluster/run/server.key');
  const helper = await docker.createContainer({ Image, Entrypoint: ['sh', '-c', look], Cmd: [] });
  try {
    await helper.start();
    await expect(helper.wait()).resolves.toMatchObject({ StatusCode: 1 });
    const log = await helper.logs({ stdout: true, stderr: true });
    expect(log.toString()).toBe('');
  } finally {
    await helper.remove({ force: true, v: true });
  }
});

test('only the server can read the secrets of a node', async () => {
  const containers = await containersOf(the.pgCluster);
  expect([...containers.keys()].sort()).toEqual(['pg0', 'pg1', 'pg2']);
  for (const container of containers.values()) {
    const command = [
      'sh',
      '-c',
      'cd /pg-cluster/run && stat -c "%U %a" . pgpass born.sql server.key',
    ];
    const { output } = await exec(container, { command, what: 'look' }, Deadline.in(10_000));
    const file = 'postgres 600';
    expect(output.split('\n')).toEqual(['postgres 700', file, file, file]);
  }
});

async function runIn(network: string, command: string[], withPassword?: string): Promise<string> {
  const container = await docker.createContainer({
    Image: 'postgres:17',
    Entrypoint: command,
    Cmd: [],
    Env: withPassword === undefined ? [] : [`PGPASSWORD=${withPassword}`],
    Tty: true,
    HostConfig: { NetworkMode: network },
  } as Docker.ContainerCreateOptions);
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString();
  } finally {
    await container.remove({ force: true, v: true });
  }
}
