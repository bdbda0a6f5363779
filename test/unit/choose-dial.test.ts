import type Docker from 'dockerode';
import { Deadline } from '../../src/base/deadline';
import type { Address } from '../../src/engine/docker/client/engine-addresses';
import { chooseDial } from '../../src/engine/docker/dial/choose-dial';

const docker = {} as Docker;
const id = '5'.repeat(64);
const inNetwork = (networkMode: string) => ({ id, startedAt: '', networkOf: id, networkMode });
const nowhere = { socketPath: undefined, host: undefined, port: undefined };
const socket: Address = { ...nowhere, socketPath: '/x', tls: undefined, ssh: undefined };
const at = (host: string): Address => ({ ...socket, socketPath: undefined, host, port: 2376 });
const login = { host: 'h', port: undefined, user: 'me', socketPath: undefined };

/** What comes of it, by default for an engine on this machine's socket. */
const choose = (o: Partial<Parameters<typeof chooseDial>[1]>) =>
  chooseDial(docker, {
    ...{ publishOn: undefined, own: undefined, engine: socket, deadline: Deadline.in(5000) },
    ...o,
  });

test.each([
  ['an engine on a socket, in whose containers we are not', {}],
  ['an engine at an address of this machine', { engine: at('127.0.0.1') }],
  ['a container that has the network of its machine', { own: inNetwork('host') }],
])('on loopback: %s', async (_, given) => {
  const { dial } = await choose(given);
  expect(dial).toMatchObject({ publishOn: '127.0.0.1' });
  expect(dial?.picksPorts).toBeUndefined();
  expect(dial?.enter).toBeUndefined();
});

test('publishOn says where, in a container and on another machine, too', async () => {
  const elsewhere = { own: inNetwork('bridge'), engine: at('192.0.2.1') };
  const { dial } = await choose({ publishOn: '172.17.0.1', ...elsewhere });
  expect(dial).toMatchObject({ publishOn: '172.17.0.1' });
  expect(dial?.enter).toBeUndefined();
});

test('publishOn may be a name, which has to be known here', async () => {
  const { dial } = await choose({ publishOn: 'localhost' });
  expect(dial).toMatchObject({ publishOn: '127.0.0.1' });
  const { problem } = await choose({ publishOn: 'nowhere.invalid' });
  expect(problem).toMatch(
    /^the option publishOn names nowhere\.invalid, which has no IPv4 address/,
  );
});

test('from one of the engine’s containers, on the cluster’s network', async () => {
  const { dial } = await choose({ own: inNetwork('ci_default'), engine: at('192.0.2.1') });
  expect(dial).toMatchObject({
    publishOn: undefined,
    how: expect.stringContaining('container 555555555555'),
  });
  expect(dial?.enter).toBeDefined();
});

test('from a container without a network, through the API', async () => {
  const { dial } = await choose({ own: inNetwork('none') });
  expect(dial).toMatchObject({ publishOn: undefined, how: 'by streams through the engine’s API' });
  expect(dial?.enter).toBeUndefined();
});

test('on another machine, nothing is published but on the loopback that ssh leads to', async () => {
  const { dial: api } = await choose({ engine: at('192.0.2.1') });
  expect(api).toMatchObject({ publishOn: undefined, how: 'by streams through the engine’s API' });
  const { dial: ssh } = await choose({ engine: { ...at('127.0.0.1'), ssh: login } });
  expect(ssh).toMatchObject({ publishOn: '127.0.0.1', picksPorts: true });
  expect(ssh?.how).toMatch(/through ssh to me@h/);
});
