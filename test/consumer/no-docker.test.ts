import { chmodSync, chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runJest } from './harness/jest';
import { Project } from './harness/project';
import { closedPort, listen, silentPort } from './harness/silent-servers';

async function stderrWith(
  dockerHost: string,
  o: { project?: Project; env?: NodeJS.ProcessEnv; uid?: number } = {},
): Promise<string> {
  const { project = new Project('no-docker'), env, uid } = o;
  const run = await runJest(project, [], {
    env: { DOCKER_HOST: dockerHost, ENGINE: 'docker', ...env },
    deadlineMs: 30_000,
    ...(uid === undefined ? {} : { uid }),
  });
  run.expectExit(1);
  expect(project.statuses()).toEqual({});
  expect(run.stderr).toContain('no Docker engine answers. Tried:');
  expect(run.stderr).toContain('Correct DOCKER_HOST, or unset it');
  return run.stderr;
}

test('in another network than the engine’s, the remedy is shown long before the start timeout', async () => {
  const project = new Project('single');
  // The time for the whole run is shorter than the time to start.
  project.configure({ slaves: 1, startTimeoutMs: 600_000 });
  const via = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  const run = await runJest(project, ['--runInBand'], { via });
  run.expectExit(1);
  expect(project.statuses()).toEqual({});
  expect(run.stderr).toMatch(
    /pg0 accepts connections in its container, but 127\.0\.0\.1:\d+, .* refuses them here/,
  );
  for (const remedy of ['--network host', "engine: 'local'", 'publishOn']) {
    expect(run.stderr).toContain(remedy);
  }
});

test('no socket', async () => {
  const stderr = await stderrWith('unix:///nonexistent.sock');
  expect(stderr).toContain('DOCKER_HOST=unix:///nonexistent.sock: there is no such socket');
  expect(stderr).not.toContain('local processes');
});

test("engine 'auto' then runs nodes as local processes, and says why, once", async () => {
  const project = new Project('workers');
  const run = await runJest(project, ['--maxWorkers=2'], {
    env: { DOCKER_HOST: 'unix:///nonexistent.sock' },
  });
  run.expectExit(0);
  expect(run.stderr.split('pg-cluster: nodes run as local processes, since ')).toHaveLength(2);
  expect(run.stderr).toMatch(
    /since no Docker engine answers: DOCKER_HOST=unix:\/\/\/nonexistent\.sock: there is no such socket$/m,
  );
  expect(project.told()).toHaveLength(4);
});

test("engine 'auto' does not wait long for an engine that does not answer", async () => {
  const project = new Project('single');
  const host = `tcp://127.0.0.1:${await silentPort()}`;
  const run = await runJest(project, [], { env: { DOCKER_HOST: host }, deadlineMs: 30_000 });
  run.expectExit(0);
  expect(run.stderr).toContain('did not answer a ping within 2 s');
});

test('local processes belong to the user who runs Jest', async () => {
  const project = new Project('single');
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  if (uid !== undefined) project.giveTo(uid);
  const run = await runJest(project, [], {
    env: {
      DOCKER_HOST: 'unix:///nonexistent.sock',
      PG_CLUSTER_CACHE_DIR: join(project.folder, 'cache-of-clusters'),
    },
    ...(uid === undefined ? {} : { uid }),
  });
  run.expectExit(0);
  expect(project.statuses()).toEqual({ 'writes and reads': 'passed' });
  expect(statSync(join(project.folder, 'cache-of-clusters')).uid).toBe(uid ?? process.getuid?.());
});

test('nothing listens', async () => {
  const host = `tcp://127.0.0.1:${await closedPort()}`;
  expect(await stderrWith(host)).toContain(`DOCKER_HOST=${host}: connection refused`);
});

test('something listens and never answers', async () => {
  const host = `tcp://127.0.0.1:${await silentPort()}`;
  expect(await stderrWith(host)).toContain(
    `DOCKER_HOST=${host}: it did not answer a ping within 5 s`,
  );
});

test('the user may not use the socket', async () => {
  const project = new Project('no-docker');
  const path = join(project.folder, 'docker.sock');
  await listen({ path });
  // Root may use every socket, so then Jest runs as nobody, whose the project has to be.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  // Another group than that of a real engine's socket, which the message is not to speak of.
  if (uid !== undefined) chownSync(path, 0, 54_321);
  chmodSync(path, uid === undefined ? 0o000 : 0o600);
  if (uid !== undefined) project.giveTo(uid);
  const stderr = await stderrWith(`unix://${path}`, {
    project,
    ...(uid === undefined ? {} : { uid }),
  });
  expect(stderr).toContain(`DOCKER_HOST=unix://${path}: permission denied for user`);
  const { uid: user, gid: group } = statSync(path);
  expect(stderr).toContain(`the socket belongs to user ${user}, group ${group}`);
});
