import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import postgres from 'postgres';
import { Deadline } from '../../src/base/deadline';
import type { Cluster } from '../../src/cluster/cluster';
import { connectDocker } from '../../src/engine/docker/client/connect';
import { notedHosts } from '../../src/engine/docker/client/noted-hosts';
import { diagnose } from '../../src/engine/docker/diagnose';
import { label } from '../../src/engine/docker/image/labels';
import type { PgCluster } from '../../src/handle/pg-cluster';
import { makeCertificates } from '../engine/certificates';
import { RemoteMachine } from '../engine/remote-machine';
import { acts, forActs } from '../support/all-acts';
import { start, type TestCluster } from '../support/cluster';
import { containerOf, containersOf, docker, ofThisProcess } from '../support/docker';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { sslRequest } from '../support/pg-messages';
import { expectToHang, rows } from '../support/rows';
import { until } from '../support/until';

let machine: RemoteMachine;
const folder = useFolder('remote');
keepEnv(afterAll);
beforeAll(async () => {
  machine = await RemoteMachine.create(['postgres:17', ...(await templateImages())]);
});
afterAll(() => machine?.remove());

/** Those that clusters are made from, which there it would take long to build. */
async function templateImages(): Promise<string[]> {
  await using the = await start({ slaves: 1 });
  const containers = [...(await containersOf(the.pgCluster)).values()];
  const seen = await Promise.all(containers.map((container) => container.inspect()));
  const images = await Promise.all(seen.map(({ Image }) => docker.getImage(Image).inspect()));
  return images.flatMap(({ RepoTags }) => RepoTags);
}

/** The environment of one test, or of a block. */
function use(env: Record<string, string>): void {
  for (const name of ['DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']) delete process.env[name];
  Object.assign(process.env, env);
}

describe('who is not who they should be is refused', () => {
  afterEach(() => machine.ssh.know('host'));

  test.each([
    ['unknown', undefined, /Host key verification failed.*log in once by hand/],
    ['known by another key', 'user', /Host key verification failed/],
  ] as const)('a machine that is %s, in the words of ssh', async (_, key, words) => {
    machine.ssh.know(key);
    use(machine.ssh.env);
    await expect(connectDocker()).rejects.toMatchObject(failure('NO_ENGINE', words));
  });

  test('we, without a key', async () => {
    use({ ...machine.ssh.env, SSH_AUTH_SOCK: '' });
    const said = /Permission denied.*this has to work without a question: ssh/;
    await expect(connectDocker()).rejects.toMatchObject(failure('NO_ENGINE', said));
  });

  test('an engine that another authority vouches for', async () => {
    makeCertificates(folder, machine.ip);
    use({ ...machine.tlsEnv, DOCKER_CERT_PATH: folder });
    await expect(connectDocker()).rejects.toMatchObject(
      failure('NO_ENGINE', /certificate|signature/),
    );
  });
});

describe.each([
  ['over TLS', () => machine.tlsEnv, /streams through the engine’s API/, []],
  ['over ssh', () => machine.ssh.env, /through ssh to other-machine/, ['127.0.0.1']],
])('an engine %s', (_, env, dial, publishedOn) => {
  let the: TestCluster & AsyncDisposable;
  let pgCluster: PgCluster;
  let cluster: Cluster;
  let before: string[];

  beforeAll(async () => {
    use(env());
    before = machine.listening();
    the = await start(forActs);
    ({ pgCluster, cluster } = the);
  });
  beforeEach(() => use(env()));
  afterEach(() => pgCluster.heal());
  afterAll(async () => {
    use(env());
    const ports = cluster.nodes.map((node) => node.wired?.server.port ?? 0);
    await the[Symbol.asyncDispose]();
    const filters = ofThisProcess();
    expect(await machine.docker.listContainers({ all: true, filters })).toEqual([]);
    expect(await machine.docker.listNetworks({ filters })).toEqual([]);
    for (const port of ports) await expect(bytesAt(port)).rejects.toThrow(/ECONNREFUSED/);
    expect(machine.listening()).toEqual(before);
  });

  /** Where the wire finds a server. */
  const serverOf = (name: string) => {
    const server = cluster.nodes.find((node) => node.name === name)?.wired?.server;
    if (!server) throw new Error(`no server ${name}`);
    return server;
  };
  const direct = (name: string, url = pgCluster.masterUrl) =>
    url.replace(/:\d+\//, `:${serverOf(name).port}/`);

  test('the doctor tells how servers are reached; nothing is published beyond loopback', async () => {
    const options = { version: 17, image: undefined, publishOn: undefined } as never;
    const how = { answerMs: 5000, deadline: Deadline.in(20_000) };
    const { problem, facts } = await diagnose(options, how);
    expect(problem).toBeUndefined();
    expect(facts.find(({ key }) => key === 'dial')?.value).toMatch(dial);
    const added = machine.listening().filter((at) => !before.includes(at));
    expect([...new Set(added.map((at) => at.replace(/:\d+$/, '')))]).toEqual(publishedOn);
    expect(cluster.nodes.map(({ wired }) => wired?.server.host)).toEqual([
      '127.0.0.1',
      '127.0.0.1',
    ]);
  });

  test.each(Object.entries(acts))('%s', (_, act) => act({ pgCluster, docker: machine.docker }));

  test('the recipe: up, paused, back', async () => {
    await rows(pgCluster.masterUrl, 'CREATE TABLE IF NOT EXISTS act (a int)');
    await rows(pgCluster.masterUrl, 'INSERT INTO act VALUES (1)');
    await pgCluster.waitForCatchup();
    const [slave] = pgCluster.slaves;
    await expect(rows(slave?.url ?? '', 'TABLE act')).resolves.toEqual([{ a: 1 }]);

    await pgCluster.pauseMaster();
    await expectToHang(pgCluster.masterUrl);
    // Also beneath the wire: nobody is refused.
    const waiting = bytesAt(serverOf('pg0').port);
    await expect(rows(slave?.url ?? '', 'TABLE act')).resolves.toEqual([{ a: 1 }]);

    await pgCluster.unpauseMaster();
    await expect(waiting).resolves.toEqual('N');
    await expect(rows(pgCluster.masterUrl, 'TABLE act')).resolves.toEqual([{ a: 1 }]);
  });

  test('a password is asked for', async () => {
    const wrong = direct('pg0').replace(/:[^:@]*@/, ':wrong@');
    await expect(rows(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    const none = direct('pg0').replace(/:[^:@]*@/, '@');
    await expect(rows(none, 'SELECT 1')).rejects.toThrow(/password/);
  });

  test('COPY brings megabytes both ways, byte for byte', async () => {
    const sql = postgres(direct('pg0'), { max: 1, onnotice: () => {} });
    try {
      await sql`CREATE TEMPORARY TABLE big (line text)`;
      const lines = Array.from({ length: 60 }, () => randomBytes(60_000).toString('hex'));
      const sent = Buffer.from(`${lines.join('\n')}\n`);
      await pipeline(Readable.from([sent]), await sql`COPY big FROM STDIN`.writable());
      const got = await buffer(await sql`COPY big TO STDOUT`.readable());
      expect(got.length).toBe(sent.length);
      expect(got.equals(sent)).toBe(true);
    } finally {
      await sql.end();
    }
  });

  test('a client that has nothing more to say still hears the answer, and the end', async () => {
    await expect(bytesAt(serverOf('pg0').port)).resolves.toBe('N');
  });

  test('a connection ends with its server, at once; it comes back with it', async () => {
    const [slave] = pgCluster.slaves;
    const { port } = serverOf('pg1');
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(sslRequest);
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await (await containerOf(pgCluster, 'pg1', machine.docker)).kill();
    await ended;
    await expect(bytesAt(port).catch(() => '')).resolves.toBe('');
    await pgCluster.heal();
    await expect(rows(slave?.url ?? '', 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  });

  test('a partition is one, and a failover works', async () => {
    await pgCluster.master.disconnect();
    await expectToHang(pgCluster.masterUrl);
    await pgCluster.heal();
    await pgCluster.master.kill();
    await pgCluster.failover();
    expect(pgCluster.master.name).toBe('pg1');
    await rows(pgCluster.masterUrl, 'CREATE TABLE after_failover AS SELECT 1 AS a');
    await pgCluster.reset();
    await expect(rows(pgCluster.masterUrl, 'TABLE after_failover')).rejects.toMatchObject({
      code: '42P01',
    });
  });
});

test('a context leads there over ssh as well', async () => {
  use(machine.ssh.env);
  const meta = join(folder, 'contexts', 'meta', createHash('sha256').update('far').digest('hex'));
  mkdirSync(meta, { recursive: true });
  const content = { Name: 'far', Metadata: {}, Endpoints: { docker: { Host: machine.ssh.host } } };
  writeFileSync(join(meta, 'meta.json'), JSON.stringify(content));
  const { docker: far } = await connectDocker({
    env: { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'far' },
  });
  expect((await far.info()).ID).toBe((await machine.docker.info()).ID);
});

describe('one of dockerHosts', () => {
  const here = 'unix:///var/run/docker.sock';
  const gone = 'tcp://127.0.0.1:9';
  const asWorker = async (worker: number, dockerHosts: string[]) => {
    useHosts();
    process.env.JEST_WORKER_ID = String(worker);
    await using the = await start({ slaves: 0, dockerHosts });
    await expect(rows(the.pgCluster.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
    const there = { here: docker, there: machine.docker };
    const counts = Object.entries(there).map(async ([name, engine]) => {
      const found = await engine.listContainers({ all: true, filters: ofThisProcess() });
      return found.length > 0 ? name : [];
    });
    return (await Promise.all(counts)).flat();
  };

  test('each worker has its own, and stays with it', async () => {
    const hosts = [here, machine.host];
    for (const [worker, where] of [
      [1, 'here'],
      [2, 'there'],
      [3, 'here'],
      [1, 'here'],
    ] as const) {
      await expect(asWorker(worker, hosts)).resolves.toEqual([where]);
    }
  });

  test('all that can be done to a cluster works on it', async () => {
    useHosts();
    process.env.JEST_WORKER_ID = '2';
    await using the = await start({ ...forActs, dockerHosts: [here, machine.host] });
    for (const act of Object.values(acts)) {
      await act({ pgCluster: the.pgCluster, docker: machine.docker });
    }
  });

  test('one that does not answer is left out with a word, and not asked again', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const hosts = [here, gone, machine.host];
      await expect(asWorker(2, hosts)).resolves.toEqual(['there']);
      await expect(asWorker(2, hosts)).resolves.toEqual(['there']);
      const words = said.mock.calls.map(([text]) => String(text)).join('');
      expect(words.match(/127\.0\.0\.1:9 is left out.*: .*/g)).toEqual([
        expect.stringContaining('connection refused: nothing listens there'),
      ]);
    } finally {
      said.mockRestore();
    }
    // Asking it again would take all the patience that an engine gets, for each file.
    let asked = 0;
    const silent = createServer(() => (asked += 1)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as AddressInfo;
      const hosts = [here, `tcp://127.0.0.1:${port}`];
      for (const _ of ['first', 'second']) {
        await expect(asWorker(2, hosts)).resolves.toEqual(['here']);
      }
      expect(asked).toBe(1);
    } finally {
      silent.close();
    }
    await expect(asWorker(1, [gone])).rejects.toMatchObject(
      failure(
        'NO_ENGINE',
        /dockerHosts: tcp:\/\/127\.0\.0\.1:9: connection refused(.*\n)*.*correct the option/,
      ),
    );
  });
});

/** What leads to those of dockerHosts that speak TLS. */
function useHosts(): void {
  use(machine.tlsEnv);
  delete process.env.DOCKER_HOST;
}

test.each([
  ['over TLS', () => use(machine.tlsEnv), () => undefined],
  ['over ssh', () => use(machine.ssh.env), () => undefined],
  ['on one of dockerHosts', useHosts, () => [machine.host]],
])('%s, a killed process leaves nothing on either side', async (way, prepare, hosts) => {
  prepare();
  const before = machine.sessions();
  const sessions = () => machine.sessions().filter((session) => !before.includes(session));
  const dist = join(__dirname, '../../dist/alone/start-cluster.js');
  const options = JSON.stringify({
    ...{ engine: 'docker', version: 17, slaves: 0 },
    dockerHosts: hosts(),
  });
  const script = `require(${JSON.stringify(dist)}).startCluster(${options}).then(() => { console.log('up'); setInterval(() => {}, 1000); })`;
  const child = spawn(process.execPath, ['-e', script], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('it did not start')));
  failed.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), failed]);
  expect(sessions().length > 0).toBe(way === 'over ssh');
  expect(notedHosts().includes(machine.host)).toBe(hosts() !== undefined);
  const helpers = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], {
    encoding: 'utf8',
  }).match(/\d+/g);
  // The wire, the reaper, and what leads there.
  expect(helpers?.length).toBeGreaterThanOrEqual(3);
  child.kill('SIGKILL');
  const alive = () => helpers?.filter((pid) => existsSync(`/proc/${pid}`)).join(' ') ?? '';
  await until('its processes to end', () => alive() === '' || alive(), 30_000);
  const filters = { label: [label.session] };
  expect(await machine.docker.listContainers({ all: true, filters })).toEqual([]);
  expect(await machine.docker.listNetworks({ filters })).toEqual([]);
  expect(notedHosts()).not.toContain(machine.host);
  await until(
    'its sessions to end',
    () => sessions().length === 0 || sessions().join('; '),
    30_000,
  );
});

/** What a server says to a client that asks for TLS and has nothing more to say. */
async function bytesAt(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(sslRequest);
  try {
    return (await buffer(socket)).toString();
  } finally {
    socket.destroy();
  }
}
