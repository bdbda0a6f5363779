import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import type { Engine } from '../../src/engine/engine';
import { openEngine } from '../../src/engine/open-engine';
import { handleOf } from '../../src/handle/cluster-handle';
import { takeOptions } from '../../src/options/take-options';
import { ofEngine, start } from '../support/cluster';
import { engine as kind } from '../support/engine';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';
import { rows } from '../support/rows';
import { unseen } from '../support/unseen';

afterEach(expectNothingLeft);

/** This file is run on both engines at the same time. */
const basePort = kind === 'local' ? 16_432 : 15_432;

const listen = (port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

test('basePort gives consecutive ports', async () => {
  await using the = await start({ basePort, slaves: 2 });
  const handle = the.pgCluster;
  expect(handle.nodes.map(({ host, port }) => `${host}:${port}`)).toEqual([
    `127.0.0.1:${basePort}`,
    `127.0.0.1:${basePort + 1}`,
    `127.0.0.1:${basePort + 2}`,
  ]);
  await expect(rows(handle.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
});

test('a basePort in use is named, and nothing is started', async () => {
  const server = await listen(basePort + 1);
  try {
    await expect(start({ basePort, slaves: 2 })).rejects.toMatchObject({
      code: 'ERR_PG_CLUSTER_PORT_IN_USE',
      message: expect.stringMatching(
        new RegExp(`^port ${basePort + 1} on 127\\.0\\.0\\.1, meant for pg1, is in use`),
      ),
    });
  } finally {
    server.close();
  }
});

test('a basePort of another cluster is reported as such, with the remedy', async () => {
  const given = { basePort, slaves: 1 };
  await using _the = await start(given);
  await expect(start(given)).rejects.toMatchObject({
    code: 'ERR_PG_CLUSTER_PORT_IN_USE',
    message: expect.stringMatching(
      new RegExp(
        `^port ${basePort} .*; it is pg[01] of another cluster with the same basePort, of process ${process.pid}: .*--runInBand`,
      ),
    ),
  });
});

test('a port that somebody else takes before its node does is replaced', async () => {
  const server = await listen(0);
  const { port } = server.address() as { port: number };
  const { options } = takeOptions({ ...ofEngine, slaves: 1 }, __dirname);
  const engine = await openEngine(options);
  let created = 0;
  // As if something had begun to listen between the choice of the port and its use.
  const unlucky: Engine = Object.create(engine, {
    remove: { value: engine.remove.bind(engine) },
    makeTemplate: { value: engine.makeTemplate.bind(engine) },
    clusterEndpoint: { value: engine.clusterEndpoint.bind(engine) },
    network: { value: engine.network },
    createNode: {
      value: (spec: Parameters<Engine['createNode']>[0], deadline: Deadline) => {
        created += 1;
        return engine.createNode(created <= 2 ? { ...spec, port } : spec, deadline);
      },
    },
  });
  const cluster = await startCluster(unlucky, options);
  try {
    const handle = handleOf(cluster);
    expect(created).toBe(4);
    expect(handle.nodes.map((node) => node.port)).not.toContain(port);
    await expect(rows(handle.masterUrl, 'SELECT 1 AS a')).resolves.toEqual([{ a: 1 }]);
  } finally {
    await removeCluster(cluster, Deadline.in(30_000));
    server.close();
  }
});

test('a failed start reports node, step, time, what was seen, and the end of the log', async () => {
  // A master ignores it; a slave stops at once where it has just begun.
  const settings = { recovery_target: 'immediate', recovery_target_action: 'shutdown' };
  const failure = await start({ slaves: 1, settings }).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'ERR_PG_CLUSTER_START' });
  expect((failure as Error).message).toMatch(
    /^the cluster did not start: starting pg1 \(slave\) failed after [\d.]+ m?s: pg1 ended instead of answering: its (container|server) .*exit code \d+\nThe end of the log of pg1:\n( {2}\| .*\n)* {2}\| .*recovery/,
  );
});

test('a start that takes too long ends in time', async () => {
  await expect(start({ startTimeoutMs: 30 })).rejects.toMatchObject(
    failure('START', /^the cluster did not start: .* failed after \d+ ms: waited/),
  );
});

test('settings that the server rejects show what it said', async () => {
  await expect(start({ settings: { ...unseen(), work_mem: 'plenty' } })).rejects.toMatchObject(
    failure('IMAGE', 'invalid value for parameter "work_mem": "plenty"'),
  );
});

test('init files are read as psql reads them: a byte order mark, bytes that are not UTF-8', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgc-init-'));
  const file = (name: string, ...parts: (string | number[])[]) => {
    writeFileSync(
      join(folder, name),
      Buffer.concat(parts.map((part) => Buffer.from(part as string))),
    );
  };
  file('1.sql', [0xef, 0xbb, 0xbf], "CREATE TABLE words AS SELECT 'été 東京' AS word;\n");
  file('2.sql', "SET client_encoding = 'LATIN1';\nINSERT INTO words VALUES ('caf", [0xe9], "');\n");
  try {
    await using the = await start({ slaves: 0, init: folder });
    await expect(rows(the.pgCluster.masterUrl, 'TABLE words')).resolves.toEqual([
      { word: 'été 東京' },
      { word: 'café' },
    ]);
    file('3.sql', "INSERT INTO words VALUES ('caf", [0xe9], "');\n");
    const refused = start({ slaves: 0, init: folder, settings: unseen() });
    await expect(refused).rejects.toThrow(/invalid byte sequence for encoding "UTF8": 0xe9/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
