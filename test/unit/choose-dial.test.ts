import type Docker from 'dockerode';
import { chooseDial } from '../../src/engine/docker/dial/choose-dial';

const docker = {} as Docker;
const id = '5'.repeat(64);
const inNetwork = (networkMode: string) => ({ id, startedAt: '', networkOf: id, networkMode });

test.each([
  ['an engine in whose containers we are not', undefined, undefined],
  ['a container that has the network of its machine', undefined, inNetwork('host')],
])('on loopback: %s', (_, publishOn, own) => {
  const { dial } = chooseDial(docker, { publishOn, own });
  expect(dial).toMatchObject({ publishOn: '127.0.0.1' });
  expect(dial?.enter).toBeUndefined();
});

test('publishOn says where, in a container, too', () => {
  const { dial } = chooseDial(docker, { publishOn: '172.17.0.1', own: inNetwork('bridge') });
  expect(dial).toMatchObject({ publishOn: '172.17.0.1' });
  expect(dial?.enter).toBeUndefined();
});

test('from one of the engine’s containers, on the cluster’s network', () => {
  const { dial } = chooseDial(docker, { publishOn: undefined, own: inNetwork('ci_default') });
  expect(dial).toMatchObject({
    publishOn: undefined,
    how: expect.stringContaining('container 555555555555'),
  });
  expect(dial?.enter).toBeDefined();
});

test('a container without a network can reach none', () => {
  const { dial, problem } = chooseDial(docker, { publishOn: undefined, own: inNetwork('none') });
  expect(dial).toBeUndefined();
  expect(problem).toMatch(/--network none.*give it one, or run .* engine: 'local'/);
});
