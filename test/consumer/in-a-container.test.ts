import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { until } from '../support/until';
import { builtBy, removeImages } from './harness/images';
import { runJest } from './harness/jest';
import { pgCluster } from './harness/pg-cluster';
import { Project } from './harness/project';
import { TestsContainer } from './harness/tests-container';

const docker = new Docker();
let container: TestsContainer;
beforeAll(async () => {
  container = await TestsContainer.start(docker, 'postgres:17');
}, 60_000);
afterAll(() => container?.remove());

const env = { ENGINE: 'docker' };

test('tests in a container that has the engine’s socket have all that others have', async () => {
  const project = new Project('prepared');
  // Of this test alone, so that it is prepared here.
  const stamp = `CREATE TABLE stamp AS SELECT '${randomUUID()}' AS id`;
  project.write('migrations/0.sql', stamp);
  cpSync(join(__dirname, 'projects/preset/recipe.test.js'), join(project.folder, 'c.test.js'));
  project.write(
    'd.test.js',
    `/**
    * @jest-environment pg-cluster
    * @jest-environment-options {"wire": false, "tls": "required"}
    */
    const { readFileSync } = require('node:fs');
    const { Client } = require('pg');
    test('without a wire, servers are met at their own addresses', async () => {
      expect(pgCluster.master.host).not.toBe('127.0.0.1');
      await pgCluster.master.disconnect({ from: 'clients' });
      const client = new Client({ connectionString: PG_MASTER_URL, connectionTimeoutMillis: 500 });
      client.on('error', () => {});
      await expect(client.connect()).rejects.toThrow(/timeout/);
      await pgCluster.master.reconnect();
      await pgCluster.master.disconnect({ from: 'cluster' });
      await pgCluster.master.query('CREATE TABLE unseen ()');
      await pgCluster.master.reconnect();
      await pgCluster.waitForCatchup();
    });
    test('a slave becomes the master', async () => {
      await pgCluster.killMaster();
      expect((await pgCluster.failover()).name).toBe('pg1');
      await pgCluster.rejoin('pg0');
      expect(await pgCluster.status()).toBeStreaming();
    });
    test('the way to all else is as before', () => {
      const [, route] = readFileSync('/proc/net/route', 'utf8').split('\\n');
      expect(route).toMatch(/^eth0\\t00000000\\t/);
    });\n`,
  );
  const via = container.via(project.folder);
  const run = await runJest(project, ['--maxWorkers=2'], { env, via });
  run.expectExit(0);
  await removeImages(docker, builtBy(run));
  expect(Object.values(project.statuses())).toEqual(Array(9).fill('passed'));
  expect(await container.networks()).toEqual([container.network]);

  const doctor = await pgCluster(project, ['doctor'], { via });
  doctor.expectExit(0);
  expect(doctor.stdout).toMatch(
    new RegExp(
      `servers are reached +at their own addresses.* container ${container.id.slice(0, 12)}`,
    ),
  );
});

test('all that can be done to a cluster works from there', async () => {
  const project = new Project('acts');
  cpSync(join(__dirname, '../support/acts.js'), join(project.folder, 'acts.js'));
  const run = await runJest(project, [], { via: container.via(project.folder) });
  run.expectExit(0);
  expect(new Set(Object.values(project.statuses()))).toEqual(new Set(['passed']));
});

test('what a job that is cancelled leaves, the next run on that engine removes, wherever it runs', async () => {
  const project = new Project('interrupted');
  const run = await runJest(project, ['--maxWorkers=2'], {
    env: { ...env, WAIT: '1' },
    via: container.via(project.folder),
    whileRunning: async () => {
      await until('both files to be in the middle', () => project.told().length === 2, 120_000);
      expect(await container.networks()).toHaveLength(3);
      await container.cancel();
    },
  });
  expect(run.exitCode).not.toBe(0);
  (await runJest(new Project('single'), [], { env })).expectExit(0);
  // That nothing of both runs is left is seen after each test.
});

test('tests in a container without a network reach nodes through the engine’s API', async () => {
  const isolated = await TestsContainer.start(docker, 'postgres:17', 'none');
  try {
    // That all acts work through such streams is seen with remote engines.
    const project = new Project('preset');
    const via = isolated.via(project.folder);
    const run = await runJest(project, ['recipe.test'], { env, via });
    run.expectExit(0);
    expect(Object.values(project.statuses())).toEqual(Array(3).fill('passed'));
    expect(await isolated.networks()).toEqual(['none']);
    const doctor = await pgCluster(project, ['doctor'], { via });
    doctor.expectExit(0);
    expect(doctor.stdout).toMatch(/servers are reached +by streams through the engine’s API/);
  } finally {
    await isolated.remove();
  }
});
