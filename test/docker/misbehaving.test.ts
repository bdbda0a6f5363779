import { Client } from 'pg';
import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { label as labels } from '../../src/engine/docker/image/labels';
import { PacketFilter } from '../../src/engine/docker/network/packet-filter';
import { handleOf } from '../../src/handle/cluster-handle';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { containersOf, docker, expectNothingLeft, rows, start } from '../integration/with-cluster';
import { EngineProxy } from './engine-proxy';

const before = process.env.DOCKER_HOST;
let proxy: EngineProxy;
beforeAll(async () => {
  proxy = await EngineProxy.open();
  process.env.DOCKER_HOST = proxy.host;
});
afterEach(() => proxy.behave());
afterAll(async () => {
  await proxy.close();
  if (before === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = before;
});

const failure = (code: string, message: RegExp) => ({
  code: `ERR_PG_CLUSTER_${code}`,
  message: expect.stringMatching(message),
});

async function withCluster(work: (pgCluster: PgCluster) => Promise<void>): Promise<void> {
  const cluster = await start({ slaves: 1 });
  try {
    await work(handleOf(cluster));
  } finally {
    await proxy.behave();
    await removeCluster(cluster, Deadline.in(30_000));
  }
  await expectNothingLeft();
}

test('an engine that answers late is waited for', async () => {
  proxy.beLate(40);
  await withCluster(async (pgCluster) => {
    await pgCluster.pauseMaster();
    await pgCluster.unpauseMaster();
    await pgCluster.killMaster();
    await pgCluster.heal();
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });
});

test('an engine that breaks connections: the act says so, and works again afterwards', async () => {
  await withCluster(async (pgCluster) => {
    proxy.misbehave(() => 'reset');
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('ENGINE', /^could not .* of pg0: .*(hang up|ECONNRESET)/),
    );
    await proxy.behave();
    await pgCluster.pauseMaster();
    await pgCluster.heal();
  });
});

test('an engine that is gone: acts say so, what needs none goes on', async () => {
  await withCluster(async (pgCluster) => {
    await proxy.goAway();
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('ENGINE', /^could not .*: the Docker engine has gone away/),
    );
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });
});

test('an engine that falls silent: acts end in time', async () => {
  await withCluster(async (pgCluster) => {
    proxy.beSilent();
    const startedAt = performance.now();
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('TIMEOUT', /^waited [\d.]+ s for the Docker engine to .* pg0/),
    );
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });
});

test('a restart of the engine, which ends all containers, is healed', async () => {
  await withCluster(async (pgCluster) => {
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
});

function failingToPause(message: string): void {
  proxy.misbehave((method, path) =>
    method === 'POST' && path.endsWith('/pause') ? { status: 500, message } : undefined,
  );
}

test('an engine that fails to pause says why', async () => {
  await withCluster(async (pgCluster) => {
    failingToPause('the moon is full');
    await expect(pgCluster.pauseMaster()).rejects.toMatchObject(
      failure('ENGINE', /^could not pause the container of pg0: the moon is full/),
    );
    expect(pgCluster.master.state).toBe('running');
    expect((await pgCluster.status()).nodes[0]).toMatchObject({ answers: true });
  });
});

test('where the engine has no means to freeze, each process of the server is stopped', async () => {
  await withCluster(async (pgCluster) => {
    failingToPause('can not pause containers on rootless containers with cgroup V1');
    const { master } = pgCluster;
    const client = new Client({ connectionString: master.url, query_timeout: 500 });
    client.on('error', () => {});
    await client.connect();
    const pg0 = (await containersOf(pgCluster)).get('pg0');
    if (!pg0) throw new Error('there is no container of pg0');
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

test('where clients come by a way on which no packet can be dropped, nobody is told that they are cut off', async () => {
  await withCluster(async (pgCluster) => {
    const container = (await containersOf(pgCluster)).get('pg0');
    const [{ host, port } = { host: '', port: 0 }] = pgCluster.slaves;
    if (!container) throw new Error('there is no pg0');
    const packets = new PacketFilter({
      container,
      makeContainer: (options) => docker.createContainer(options),
      // Of a server that goes on, whatever is done to the container.
      endpoint: { host, port },
    });
    for (const from of ['clients', 'all'] as const) {
      await expect(
        packets.set({ cut: from, silenced: [] }, Deadline.in(10_000)),
      ).rejects.toMatchObject(
        failure('UNSUPPORTED', /^clients cannot be cut off: .* a client still got an answer/),
      );
    }
    await expect(rows(pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    const fromNodes = { cut: 'cluster', silenced: [] } as const;
    await expect(packets.set(fromNodes, Deadline.in(10_000))).resolves.toBeUndefined();
  });
});

test('a disk that is full at the start: the error has the engine’s words, and nothing is left', async () => {
  proxy.misbehave((method, path) =>
    method === 'POST' && /containers\/[0-9a-f]+\/start/.test(path)
      ? { status: 500, message: 'write /var/lib/docker: no space left on device' }
      : undefined,
  );
  await expect(start({ slaves: 1 })).rejects.toMatchObject(
    failure('START', /could not start the container of pg0: .*no space left on device/),
  );
  await expectNothingLeft();
});

test('a slave that can neither be started nor removed is told of, and removed when that works', async () => {
  await withCluster(async (pgCluster) => {
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
});

test('images that are removed between build and start are named, and built again next time', async () => {
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

/** A cluster with these settings starts and ends; resolves to its images. */
async function imagesWith(settings: Record<string, string>): Promise<string[]> {
  const cluster = await start({ slaves: 1, settings });
  try {
    const containers = await containersOf(handleOf(cluster));
    const infos = ['pg1', 'pg0'].map(async (name) => containers.get(name)?.inspect());
    return (await Promise.all(infos)).map((info) => info?.Image ?? '');
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
  }
}

/** The slave's, which is built on the master's, has to be the first. */
async function removeAll(images: readonly string[]): Promise<void> {
  for (const image of images)
    await docker
      .getImage(image)
      .remove({ force: true })
      .catch(() => {});
}
