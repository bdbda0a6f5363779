import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import { newId } from '../../src/base/new-id';
import { currentSession } from '../../src/cleanup/session';
import { ownContainer } from '../../src/engine/docker/client/own-container';
import { joined } from '../../src/engine/docker/dial/joined';
import { DockerEngine } from '../../src/engine/docker/engine';
import { label } from '../../src/engine/docker/image/labels';
import { isOver, noteOf } from '../../src/engine/docker/owners-container';
import { removeLabelled } from '../../src/engine/docker/session-leftovers';
import { docker } from '../support/docker';
import { failure } from '../support/failure';
import { expectNothingLeft } from '../support/leftovers';

const deadline = () => Deadline.in(30_000);
let other: Docker.Container;
beforeEach(async () => {
  other = await docker.createContainer({
    Image: 'postgres:17',
    Entrypoint: ['sleep', 'infinity'],
    Cmd: [],
    StopSignal: 'SIGKILL',
  });
  await other.start();
});
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
  await other.remove({ force: true });
  await expect(over()).resolves.toBe(true);
});

test('a container that stands for ours, and is not, is left alone, and the error says what to do', async () => {
  const dial = joined(docker, await about());
  const session = currentSession();
  const unset = { image: undefined, platform: undefined, dockerHosts: undefined };
  const options = { ...unset, version: 17, diskLimitMb: undefined, publishOn: undefined };
  const engine = new DockerEngine(options, docker, { session, dial, ownersContainer: undefined });
  await expect(engine.serverAddresses(deadline())).resolves.toHaveLength(240);
  const ownAddress = (await engine.serverAddresses(deadline()))[0]?.replace(/\d+$/, '2');
  await expect(
    dial.enter?.({ name: engine.network, ownAddress }, deadline()),
  ).rejects.toMatchObject(
    failure('NO_ENGINE', /cannot join .*: it got .*, but this process has not.*engine: 'local'/),
  );
  await engine.remove(deadline());
  expect(await networksOf()).toEqual(['bridge']);
  expect(JSON.stringify(networkInterfaces())).not.toContain(`"${ownAddress}"`);
});

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
