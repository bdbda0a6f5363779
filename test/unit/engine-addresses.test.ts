import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { connectDocker } from '../../src/engine/docker/client/connect';
import { candidates } from '../../src/engine/docker/client/engine-addresses';
import { isThisMachine } from '../../src/engine/docker/client/is-this-machine';
import { useFolder } from '../support/folder';

const parent = useFolder('docker-config');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(parent, 'test-'));
});

function write(name: string, content: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

function context(name: string, docker: object, tls: Record<string, string> = {}): void {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = { Name: name, Metadata: {}, Endpoints: { docker } };
  write(`contexts/meta/${id}/meta.json`, JSON.stringify(meta));
  for (const [file, text] of Object.entries(tls)) write(`contexts/tls/${id}/docker/${file}`, text);
}

const chosen = (env: NodeJS.ProcessEnv) =>
  candidates({ HOME: '/home/x', DOCKER_CONFIG: folder, ...env }).all.map(({ where }) => where);

const options = (env: NodeJS.ProcessEnv) => {
  const [first] = candidates({ DOCKER_CONFIG: folder, ...env }).all;
  return JSON.parse(JSON.stringify(first?.resolve()));
};

/** What a user is told. */
async function told(env: NodeJS.ProcessEnv): Promise<string> {
  const all = { HOME: folder, DOCKER_CONFIG: folder, ...env };
  try {
    await connectDocker({ env: all, answerMs: 2000 });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('an engine answered');
}

test('DOCKER_HOST beats DOCKER_CONTEXT, which beats the chosen context, which beats the sockets', () => {
  const all = { DOCKER_HOST: 'tcp://a', DOCKER_CONTEXT: 'b' };
  expect(chosen({})).toContain('/var/run/docker.sock');
  write('config.json', JSON.stringify({ currentContext: 'c' }));
  expect(chosen({})).toEqual([`the context c, chosen in ${folder}/config.json`]);
  expect(chosen({ ...all, DOCKER_HOST: '' })).toEqual(['DOCKER_CONTEXT=b']);
  expect(chosen(all)).toEqual(['DOCKER_HOST=tcp://a']);
  expect(chosen({ DOCKER_CONTEXT: 'default' })).toContain('/var/run/docker.sock');
});

test.each([
  ['tcp://127.0.0.1', { host: '127.0.0.1', port: 2375 }],
  ['tcp://127.0.0.1:2376', { host: '127.0.0.1', port: 2376, tls: { verify: true } }],
  ['https://h:80', { host: 'h', port: 80, tls: { verify: true } }],
  ['127.0.0.1:99', { host: '127.0.0.1', port: 99 }],
  ['tcp://[::1]:99', { host: '[::1]', port: 99 }],
  ['ssh://h', { host: 'h', ssh: { host: 'h' } }],
  ['ssh://me@h:99', { host: 'h', ssh: { host: 'h', port: 99, user: 'me' } }],
  ['ssh://[::1]', { host: '[::1]', ssh: { host: '::1' } }],
  ['ssh://h/run/podman.sock', { host: 'h', ssh: { host: 'h', socketPath: '/run/podman.sock' } }],
  ['unix://', { socketPath: '/var/run/docker.sock' }],
  ['npipe:////./pipe/other', { socketPath: '//./pipe/other' }],
])('DOCKER_HOST=%s is where docker would look', (url, expected) => {
  expect(options({ DOCKER_HOST: url })).toEqual(expected);
});

test('with TLS the port is 2376, and certificates come from DOCKER_CERT_PATH or the configuration folder', () => {
  for (const name of ['ca', 'cert', 'key']) {
    write(`${name}.pem`, `a ${name}`);
    write(`certs/${name}.pem`, `other ${name}`);
  }
  const env = { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' };
  const there = { host: 'h', port: 2376 };
  const files = { ca: 'a ca', cert: 'a cert', key: 'a key' };
  expect(options(env)).toEqual({ ...there, tls: { ...files, verify: true } });
  expect(options({ ...env, DOCKER_CERT_PATH: join(folder, 'certs') })).toMatchObject({
    tls: { ca: 'other ca' },
  });
});

test('a context says where its engine is, and can have its own certificates', () => {
  context('plain', { Host: 'unix:///x/docker.sock' });
  context('tls', { Host: 'tcp://h' }, { 'ca.pem': 'its ca' });
  expect(options({ DOCKER_CONTEXT: 'plain' })).toEqual({ socketPath: '/x/docker.sock' });
  expect(options({ DOCKER_CONTEXT: 'tls' })).toEqual({
    ...{ host: 'h', port: 2376 },
    tls: { ca: 'its ca', verify: true },
  });
});

describe('the error explains', () => {
  test.each([
    ['an unknown scheme', 'ftp://h', 'this is not the address of an engine; those look like unix'],
    ['nonsense', 'tcp://:::', 'this is not the address of an engine'],
    [
      'a host name that does not resolve',
      'tcp://nowhere.invalid:1',
      'no machine has the name nowhere.invalid',
    ],
    ['a password for ssh', 'ssh://me:secret@h', 'ssh takes no password from an address'],
    [
      'a port where nothing listens',
      'tcp://127.0.0.2:1',
      'connection refused: nothing listens there',
    ],
  ])('%s', async (_, url, expected) => {
    const message = await told({ DOCKER_HOST: url });
    expect(message).toMatch(expected);
    expect(message).toMatch(/^no Docker engine answers\. Tried:\n {2}- DOCKER_HOST=.*\nCorrect/);
  });

  test('missing certificates', async () => {
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1' };
    write('certs/ca.pem', '');
    expect(await told({ ...env, DOCKER_CERT_PATH: join(folder, 'certs') })).toContain(
      `DOCKER_CERT_PATH=${folder}/certs lacks cert.pem, key.pem; it has to hold ca.pem,`,
    );
    expect(await told({ ...env, DOCKER_CERT_PATH: '/none' })).toContain(
      'DOCKER_CERT_PATH=/none does not exist; it has to be the folder of ca.pem,',
    );
  });

  test('a context that does not exist, names no engine, or does not answer', async () => {
    context('other', {});
    context('off', { Host: `unix://${folder}/none.sock` });
    expect(await told({ DOCKER_CONTEXT: 'x' })).toMatch(
      /- DOCKER_CONTEXT=x: there is no such context; there are default, (off|other)/,
    );
    expect(await told({ DOCKER_CONTEXT: 'other' })).toContain('names no Docker engine');
    write('config.json', JSON.stringify({ currentContext: 'off' }));
    expect(await told({})).toMatch(
      /the context off, chosen in .*config\.json: there is no such socket\nStart the engine of that context, choose another one \(docker context use\)/,
    );
  });

  test('a configuration that is not JSON, when nothing else is found', async () => {
    write('config.json', '{');
    const [first] = candidates({ DOCKER_CONFIG: folder }).all;
    expect(() => first?.resolve()).toThrow(/config\.json, a file of Docker's, cannot be used: /);
    expect(chosen({})).toContain('/var/run/docker.sock');
  });
});

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return all.find(({ internal }) => !internal)?.address ?? '127.0.0.3';
}

test('addresses and names of this machine are recognised as its own', async () => {
  const is = (host: string) => isThisMachine(host, Deadline.in(5000));
  for (const host of ['127.0.0.1', '127.0.0.2', '[::1]', 'localhost', ownAddress()]) {
    expect([host, await is(host)]).toEqual([host, true]);
  }
  for (const host of ['192.0.2.1', '[2001:db8::1]']) {
    expect([host, await is(host)]).toEqual([host, false]);
  }
});
