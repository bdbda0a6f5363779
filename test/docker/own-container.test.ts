import type Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { removeCluster } from '../../src/cluster/lifecycle/remove-cluster';
import { startCluster } from '../../src/cluster/lifecycle/start';
import { connectDocker } from '../../src/engine/docker/client/connect';
import { ownContainer } from '../../src/engine/docker/client/own-container';
import { joined } from '../../src/engine/docker/dial/joined';
import { throughApi } from '../../src/engine/docker/dial/through-api';
import { DockerEngine } from '../../src/engine/docker/engine';
import { label } from '../../src/engine/docker/image/labels';
import { isOver, noteOf } from '../../src/engine/docker/owners-container';
import { removeLabelled } from '../../src/engine/docker/session-leftovers';
import { handleOf } from '../../src/handle/cluster-handle';
import { takeOptions } from '../../src/options/take-options';
import { docker } from '../support/docker';
import { expectNothingLeft } from '../support/leftovers';
import { expectToHang, rows } from '../support/rows';

const deadline = () => Deadline.in(30_000);
let other: Docker.Container;
async function startOther(NetworkMode?: string): Promise<void> {
  other = await docker.createContainer({
    Image: 'postgres:17',
    Entrypoint: ['sleep', 'infinity'],
    Cmd: [],
    StopSignal: 'SIGKILL',
    HostConfig: { NetworkMode },
  });
  await other.start();
}
async function isolateOther(): Promise<void> {
  await other.remove({ force: true, v: true });
  await startOther('none');
}
beforeEach(() => startOther());
afterEach(async () => {
  await other.remove({ force: true, v: true }).catch(() => {});
  await expectNothingLeft();
});

const about = async () => {
  const { Id: id, State } = await other.inspect();
  return { id, startedAt: State.StartedAt, networkOf: id, networkMode: 'bridge' };
};
const networksOf = async () => Object.keys((await other.inspect()).NetworkSettings.Networks);

test('who runs in none of the engine’s containers has none', async () => {
  await expect(ownContainer(docker, deadline())).resolves.toBeUndefined();
});

test('a run of a container is over when it does not run any more, or was started again', async () => {
  const note = noteOf(await about());
  const over = () => isOver(docker, note, deadline());
  await expect(over()).resolves.toBe(false);
  await other.pause();
  await expect(over()).resolves.toBe(false);
  await other.unpause();
  await other.kill();
  await other.wait();
  await expect(over()).resolves.toBe(true);
  await other.start();
  await expect(over()).resolves.toBe(true);
  await expect(isOver(docker, noteOf(await about()), deadline())).resolves.toBe(false);
  await other.remove({ force: true, v: true });
  await expect(over()).resolves.toBe(true);
});

test.each([
  ['is not', 'bridge'],
  ['may join no other network', 'none'],
])(
  'where a container that stands for ours %s, servers are reached through the API',
  async (_, mode) => {
    if (mode === 'none') await isolateOther();
    const { address } = await connectDocker();
    const dial = joined(docker, await about(), throughApi(address));
    const { options } = takeOptions({ engine: 'docker', slaves: 1 }, __dirname);
    const session = currentSession();
    const engine = new DockerEngine(options, docker, { session, dial, ownersContainer: undefined });
    const cluster = await startCluster(engine, options);
    try {
      expect(await networksOf()).toEqual([mode]);
      const pgCluster = handleOf(cluster);
      await rows(pgCluster.masterUrl, 'CREATE TABLE t AS SELECT 1 AS a');
      await pgCluster.master.disconnect();
      await expectToHang(pgCluster.masterUrl);
      await pgCluster.heal();
      await pgCluster.killMaster();
      await pgCluster.failover();
      await expect(rows(pgCluster.masterUrl, 'TABLE t')).resolves.toEqual([{ a: 1 }]);
    } finally {
      await removeCluster(cluster, deadline());
    }
    expect(await networksOf()).toEqual([mode]);
  },
);

test('others leave a network that is removed, also one that has stopped there', async () => {
  const Labels = { [label.session]: currentSession().id };
  const network = await docker.createNetwork({ Name: `pgcluster-${newId()}`, Labels });
  await network.connect({ Container: other.id });
  await other.kill();
  await other.wait();
  await removeLabelled(docker, `${label.session}=${currentSession().id}`, deadline());
  expect(await networksOf()).toEqual(['bridge']);
  await expect(other.start()).resolves.toBeDefined();
});
