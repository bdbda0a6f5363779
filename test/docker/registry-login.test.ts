import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Deadline } from '../../src/base/deadline';
import { baseImage } from '../../src/engine/docker/image/base-image';
import { docker } from '../support/docker';
import { keepEnv } from '../support/env';
import { failure } from '../support/failure';
import { useFolder } from '../support/folder';
import { type Door, Registry } from './registry';

keepEnv(afterEach);
const registries: Registry[] = [];
const pulled: string[] = [];
const parent = useFolder('login');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(parent, 'login-'));
  process.env.DOCKER_CONFIG = folder;
});
afterEach(async () => {
  for (const registry of registries.splice(0)) registry.close();
  for (const name of pulled.splice(0)) await docker.getImage(name).remove({ force: true });
});

const silent = { step() {}, end() {} };
const login = { user: 'me', password: 'p:ß' };
const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');

async function open(door: Door): Promise<string> {
  const registry = await Registry.open(door);
  registries.push(registry);
  return registry.host;
}

function configure(config: object): void {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

/** A credential helper: a program that is asked on its standard input. */
function helper(name: string, script: string): void {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\nread -r registry\n${script}\n`);
  chmodSync(path, 0o755);
  process.env.PATH = `${folder}:${process.env.PATH}`;
}

const answer = (user: string, secret: string) =>
  `[ "$1" = get ] && printf '{"ServerURL":"%s","Username":"${user}","Secret":"${secret}"}' "$registry"`;

async function pull(host: string): Promise<void> {
  const name = `${host}/nobody/nothing:17`;
  await baseImage(docker, { image: name, platform: undefined }, silent, Deadline.in(60_000));
  pulled.push(name);
}

test('credentials that docker login has saved open a registry, by its name or URL', async () => {
  const [one, other] = [await open(login), await open(login)];
  configure({ auths: { [one]: { auth }, [`https://${other}/v1/`]: { auth } } });
  await pull(one);
  await pull(other);
});

test('an image may be named by its digest', async () => {
  const host = await open(login);
  configure({ auths: { [host]: { auth } } });
  const name = `${host}/nobody/nothing@${registries.at(-1)?.digest}`;
  const id = await baseImage(
    docker,
    { image: name, platform: undefined },
    silent,
    Deadline.in(60_000),
  );
  pulled.push(id);
  await expect(docker.getImage(name).inspect()).resolves.toMatchObject({ Id: id });
});

test('an image is pulled for the platform that was asked for, also if the engine has it for another', async () => {
  const host = await open(login);
  configure({ auths: { [host]: { auth } } });
  const image = `${host}/nobody/nothing:17`;
  pulled.push(image);
  const pullFor = async (platform: string) => {
    const id = await baseImage(docker, { image, platform }, silent, Deadline.in(60_000));
    const { Os, Architecture } = await docker.getImage(id).inspect();
    return `${Os}/${Architecture}`;
  };
  await expect(pullFor('linux/amd64')).resolves.toBe('linux/amd64');
  await expect(pullFor('linux/arm64')).resolves.toBe('linux/arm64');
  await expect(pullFor('linux/s390x')).rejects.toMatchObject(
    failure('IMAGE', /pulling it failed: .*(no match(ing manifest)? for|s390x)/),
  );
});

test('a credential helper opens it; the registry’s own comes first', async () => {
  const [one, other] = [await open(login), await open(login)];
  helper('mine', answer(login.user, login.password));
  helper('none', 'echo "credentials not found in native keychain"; exit 1');
  configure({ credsStore: 'none', credHelpers: { [one]: 'mine' }, auths: { [one]: {} } });
  await pull(one);
  configure({ credsStore: 'mine', auths: { [other]: {} } });
  await pull(other);
});

test('an identity token opens it, saved or from a helper', async () => {
  const [one, other] = [await open({ identityToken: 'tok' }), await open({ identityToken: 'tok' })];
  helper('tokens', answer('<token>', 'tok'));
  configure({ auths: { [one]: { identitytoken: 'tok' } }, credHelpers: { [other]: 'tokens' } });
  await pull(one);
  await pull(other);
});

test('without a valid login it stays shut, and the error says what was tried', async () => {
  const host = await open(login);
  await expect(pull(host)).rejects.toMatchObject(
    failure('IMAGE', /^the base image .* is not available: .*pulling it failed: .*\nLoad it/),
  );
  helper('wrong', answer(login.user, 'secret-that-is-wrong'));
  configure({ credsStore: 'wrong' });
  const wrong = await pull(host).catch((error: Error) => error.message);
  expect(wrong).toMatch(/is not available/);
  expect(wrong).not.toContain('secret-that-is-wrong');
  configure({ credsStore: 'nowhere' });
  await expect(pull(host)).rejects.toMatchObject(
    failure(
      'IMAGE',
      /\nIts registry was asked without a login: .*docker-credential-nowhere ENOENT\nLoad it/,
    ),
  );
  helper('locked', 'echo "the keychain is locked"; exit 1');
  configure({ credsStore: 'locked' });
  await expect(pull(host)).rejects.toMatchObject(
    failure(
      'IMAGE',
      /without a login: docker-credential-locked get ended with 1: the keychain is locked\n/,
    ),
  );
});
