import { statSync } from 'node:fs';
import { needRoot } from '../support/root';
import { runJest } from './harness/jest';
import { Project } from './harness/project';

/** Nobody has an account of this id, as in containers that run with any user id. */
const unknown = 54_321;
/** Nor does anybody say where its home is. */
const homeless = { HOME: undefined, XDG_CACHE_HOME: undefined, XDG_RUNTIME_DIR: undefined };
const noDocker = { DOCKER_HOST: 'unix:///nonexistent.sock' };

beforeAll(() => needRoot('nobody else can become another user'));

/** A project of that user's, and how to run as it, as a member of the group too. */
function asUnknown(group = unknown) {
  const project = new Project('single');
  project.giveTo(unknown);
  const ids = [`--reuid=${unknown}`, `--regid=${group}`, '--clear-groups'];
  return { project, via: ['/usr/bin/setpriv', ...ids] };
}

const passed = { 'writes and reads': 'passed' };

test('Docker serves a user whom the system does not know', async () => {
  const { project, via } = asUnknown(statSync('/var/run/docker.sock').gid);
  const run = await runJest(project, [], { via, env: homeless });
  run.expectExit(0);
  expect(run.stderr).toContain('nodes run in Docker');
  expect(project.statuses()).toEqual(passed);
});

test('local processes serve one too, where there are user namespaces', async () => {
  const { project, via } = asUnknown();
  const run = await runJest(project, [], { via, env: { ...homeless, ...noDocker } });
  run.expectExit(0);
  expect(run.stderr).toContain('nodes run as local processes');
  expect(project.statuses()).toEqual(passed);
});

test('without user namespaces, the error says that initdb needs a name', async () => {
  const { project, via } = asUnknown();
  // No unshare is found there.
  const env = { ...homeless, ...noDocker, PATH: '/nonexistent' };
  const run = await runJest(project, [], { via, env });
  run.expectExit(1);
  expect(run.stderr).toContain(
    `this machine knows no name of user ${unknown}, which runs the tests, and PostgreSQL’s initdb needs one`,
  );
  expect(run.stderr).toContain('is not available: spawn unshare ENOENT. Add a line for user');
});
