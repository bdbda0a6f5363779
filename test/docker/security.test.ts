import type Docker from 'dockerode';
import { containersOf, docker, useCluster } from '../integration/with-cluster';

const password = 'a password that must not be seen';
const the = useCluster({ slaves: 1, password });

test('from a neighbouring container only the password opens', async () => {
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
  for (const container of (await containersOf(the.pgCluster)).values()) {
    const { HostConfig, Config } = await container.inspect();
    expect(HostConfig.Privileged).toBe(false);
    expect(HostConfig.CapDrop).toEqual(['ALL']);
    expect(HostConfig.CapAdd ?? []).toEqual([]);
    expect(Config.User).toBe('postgres');
    expect(HostConfig.Binds ?? []).toEqual([]);
  }
});

test('passwords are in no image, its history, process arguments, container or log', async () => {
  for (const container of (await containersOf(the.pgCluster)).values()) {
    const info = await container.inspect();
    const image = docker.getImage(info.Image);
    const { Processes } = await container.top({ ps_args: '-eo pid,args' });
    const log = (await container.logs({ stdout: true, stderr: true })).toString();
    for (const text of [
      JSON.stringify(info),
      JSON.stringify(await image.inspect()),
      JSON.stringify(await image.history()),
      JSON.stringify(Processes),
      log,
    ]) {
      expect(text).not.toContain(password);
      expect(text.length).toBeGreaterThan(20);
    }
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
