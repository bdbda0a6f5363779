import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { label as labels } from '../../src/engine/docker/image/labels';
import { PacketFilter } from '../../src/engine/docker/network/packet-filter';
import { start, useCluster } from '../support/cluster';
import { containerOf, containersOf, docker } from '../support/docker';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';
import { EngineProxy } from './engine-proxy';

keepEnv(afterAll);
let proxy: EngineProxy;
beforeAll(async () => {
  proxy = await EngineProxy.open();
  process.env.DOCKER_HOST = proxy.host;
});
afterEach(() => proxy.behave());
afterAll(() => proxy.close());

/** A cluster behind the proxy, which behaves again when that cluster is to be removed. */
async function startBehindProxy() {
  const the = await start({ slaves: 1 });
  const remove = async () => {
    await proxy.behave();
    await the[Symbol.asyncDispose]();
  };
  return { ...the, [Symbol.asyncDispose]: remove };
}

function failingToPause(message: string): void {
  proxy.misbehave((method, path) =>
    method === 'POST' && path.endsWith('/pause') ? { status: 500, message } : undefined,
  );
}

/** The engine is mended after each, and so is the cluster. */
describe('with a cluster for all of them', () => {
  const the = useCluster({ slaves: 1 });
  afterEach(async () => {
    await proxy.behave();
    await the.pgCluster.heal();
  });

  test('an act whose connection to the engine breaks says so, and works afterwards', async () => {
    const { pgCluster } = the;
    proxy.misbehave(() => 'reset');
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('ENGINE', /^could not .* of pg0: .*(hang up|ECONNRESET)/),
    );
    await proxy.behave();
    await pgCluster.pauseMaster();
    await pgCluster.heal();
  });

  test('when the engine is gone, acts say so and SQL goes on', async () => {
    const { pgCluster } = the;
    await proxy.goAway();
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('ENGINE', /^could not .*: the Docker engine has gone away/),
    );
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });

  test('when the engine falls silent, acts end in time', async () => {
    const { pgCluster } = the;
    proxy.beSilent();
    const startedAt = performance.now();
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('TIMEOUT', /^waited [\d.]+ s for the Docker engine to .* pg0/),
    );
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  test('heal mends a restart of the engine, which ended all containers', async () => {
    const { pgCluster } = the;
    await pgCluster.master.query('CREATE TABLE kept AS SELECT 7 AS a');
    await pgCluster.waitForCatchup();
    const containers = [...(await containersOf(pgCluster)).values()];
    await proxy.goAway();
    await Promise.all(containers.map((container) => container.kill()));
    await proxy.behave();
    const { nodes } = await pgCluster.status();
    expect(nodes.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    await pgCluster.heal();
    for (const { url } of pgCluster.nodes) {
      await expect(rows(url, 'TABLE kept')).resolves.toEqual([{ a: 7 }]);
    }
  });

  test('an engine that fails to pause says why', async () => {
    const { pgCluster } = the;
    failingToPause('the moon is full');
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('ENGINE', /^could not pause the container of pg0: the moon is full/),
    );
    expect(pgCluster.master.state).toBe('running');
    expect((await pgCluster.status()).nodes[0]).toMatchObject({ answers: true });
  });

  test('an engine that cannot freeze a node yet is asked again', async () => {
    const { pgCluster } = the;
    let asked = 0;
    proxy.misbehave((method, path) => {
      if (method !== 'POST' || !path.endsWith('/pause')) return undefined;
      asked += 1;
      return asked < 3
        ? { status: 500, message: 'OCI runtime pause failed: unable to freeze: unknown' }
        : undefined;
    });
    await pgCluster.pauseMaster();
    expect(asked).toBe(3);
    const pg0 = await containerOf(pgCluster, 'pg0');
    expect((await pg0.inspect()).State.Paused).toBe(true);
    await pgCluster.unpauseMaster();
  });

  test('if the engine cannot freeze, each process of the server is stopped', async () => {
    const { pgCluster } = the;
    failingToPause('can not pause containers on rootless containers with cgroup V1');
    const { master } = pgCluster;
    const client = new Client({ connectionString: master.url, query_timeout: 500 });
    client.on('error', () => {});
    await client.connect();
    const pg0 = await containerOf(pgCluster, 'pg0');
    /** The state of each process of the server. */
    const states = async (): Promise<string[]> => {
      const { Processes } = await pg0.top({ ps_args: '-eo pid,state,args' });
      return (Processes as [pid: string, state: string, args: string][])
        .filter(([, , args]) => /postgres(:| -D)/.test(args))
        .map(([, state]) => state);
    };

    await pgCluster.pauseMaster();
    const stopped = await states();
    expect(stopped.length).toBeGreaterThan(5);
    expect(new Set(stopped)).toEqual(new Set('T'));
    expect((await pgCluster.status()).nodes[0]).toMatchObject({ state: 'paused' });
    await expect(client.query('SELECT 1')).rejects.toThrow(/timeout/);
    await client.end().catch(() => {});

    await pgCluster.unpauseMaster();
    await expect(states()).resolves.not.toContain('T');
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);

    await pgCluster.pauseMaster();
    await pgCluster.reset();
    await pgCluster.pauseMaster();
    await pgCluster.killMaster();
    await pgCluster.heal();
    await expect(rows(master.url, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });
});

describe('with a cluster of its own', () => {
  afterEach(async () => {
    await proxy.behave();
    await expectNothingLeft();
  });

  test('acts wait for a slow engine', async () => {
    proxy.beLate(40);
    await using the = await startBehindProxy();
    const { pgCluster } = the;
    await pgCluster.pauseMaster();
    await pgCluster.unpauseMaster();
    await pgCluster.killMaster();
    await pgCluster.heal();
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });

  test('if clients come by a way on which no packet can be dropped, disconnect fails', async () => {
    await using the = await startBehindProxy();
    const { pgCluster } = the;
    const container = await containerOf(pgCluster, 'pg0');
    const [{ host, port } = { host: '', port: 0 }] = pgCluster.slaves;
    const packets = new PacketFilter({
      container,
      makeContainer: (options) => docker.createContainer(options),
      // Of a server that goes on, whatever is done to the container.
      way: { endpoint: { host, port }, from: undefined, close: async () => {} },
    });
    for (const from of ['clients', 'all'] as const) {
      await expect(packets.set({ cut: from }, Deadline.in(10_000))).rejects.toMatchObject(
        failure('UNSUPPORTED', /^clients cannot be cut off: .* a client still got an answer/),
      );
    }
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    const fromNodes = { cut: 'cluster' } as const;
    await expect(packets.set(fromNodes, Deadline.in(10_000))).resolves.toBeUndefined();
  });

  test('a start on a full disk fails in the engine’s words and leaves nothing', async () => {
    proxy.misbehave((method, path) =>
      method === 'POST' && /containers\/[0-9a-f]+\/start/.test(path)
        ? { status: 500, message: 'write /var/lib/docker: no space left on device' }
        : undefined,
    );
    await expect(start({ slaves: 1 })).rejects.toMatchObject(
      failure('START', /could not start the container of pg0: .*no space left on device/),
    );
  });

  test('a slave that can neither be started nor removed is reported, and removed later', async () => {
    await using the = await startBehindProxy();
    const { pgCluster } = the;
    proxy.misbehave((method, path) => {
      if (method === 'DELETE') return { status: 500, message: 'device or resource busy' };
      return method === 'POST' && path.endsWith('/start')
        ? { status: 500, message: 'no space left on device' }
        : undefined;
    });
    const failed = failure(
      'START',
      /^pg2 could not be added .*: .*no space left on device(.|\n)*could not be removed: .*busy/,
    );
    await expect(pgCluster.addSlave()).rejects.toMatchObject(failed);
    expect(pgCluster.nodes).toHaveLength(2);
    const label = [`${labels.session}=${currentSession().id}`];
    const made = () => docker.listContainers({ all: true, filters: { name: ['-pg2$'], label } });
    expect(await made()).not.toEqual([]);
    await proxy.behave();
    await pgCluster.heal();
    expect(await made()).toEqual([]);
    expect(pgCluster.timeline.at(-1)?.detail).toMatch(/a slave that could not be removed before/);
    await pgCluster.reset();
    expect((await pgCluster.addSlave()).name).toBe('pg2');
  });

  test('a start names images that were removed after their build, and the next one builds them again', async () => {
    const settings = { 'custom.unique': newId() };
    const images = await imagesWith(settings);
    proxy.misbehave(async (method, path) => {
      if (method === 'POST' && path.includes('/containers/create')) await removeAll(images);
      return undefined;
    });
    await expect(start({ slaves: 0, settings })).rejects.toMatchObject(
      failure('START', /could not create a container for pg0: No such image/i),
    );
    await expectNothingLeft();
    await proxy.behave();
    await removeAll(await imagesWith(settings));
  });
});

/** A cluster with these settings starts and ends; resolves to its images. */
async function imagesWith(settings: Record<string, string>): Promise<string[]> {
  await using the = await start({ slaves: 1, settings });
  const containers = await containersOf(the.pgCluster);
  const infos = ['pg1', 'pg0'].map(async (name) => containers.get(name)?.inspect());
  return (await Promise.all(infos)).map((info) => info?.Image ?? '');
}

/** The slave's, which is built on the master's, has to be the first. */
async function removeAll(images: readonly string[]): Promise<void> {
  for (const image of images)
    await docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => {});
}
