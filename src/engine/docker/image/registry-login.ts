import { spawn } from 'node:child_process';
import type { AuthConfig } from 'dockerode';
import { type Deadline, within } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import { type ClientConfig, clientConfig, type StoredLogin } from '../client/docker-config-file';

/** The name under which `docker login` keeps the login for Docker Hub. */
const hub = 'https://index.docker.io/v1/';
/** What a helper gives as the user when the secret is an identity token. */
const tokenUser = '<token>';

/** A login, as the engine's API takes it; dockerode's types know no tokens. */
export type Login = Partial<AuthConfig> & { identitytoken?: string; registrytoken?: string };

/**
 * The login for the registry of an image, as `docker pull` finds it: from the credential helper of
 * that registry, else from the store of all, else from the configuration itself.
 *
 * An image may need no login. If there may be one that could not be read, `problem` says why.
 */
export async function registryLogin(
  image: string,
  env: NodeJS.ProcessEnv,
  deadline: Deadline,
): Promise<{ login?: Login; problem?: string }> {
  try {
    const registry = registryOf(image);
    const config = clientConfig(env);
    const helper = config.credHelpers?.[registry] ?? config.credsStore;
    const login = helper
      ? await askHelper(`docker-credential-${helper}`, registry, env, deadline)
      : storedLogin(config, registry);
    return login ? { login: { ...login, serveraddress: registry } } : {};
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** The first part of a reference is a registry if it has a dot or a port, or is localhost. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return !isRegistry || first === 'docker.io' || first === 'index.docker.io' ? hub : first;
}

function storedLogin({ auths = {} }: ClientConfig, registry: string): Login | undefined {
  // The key may be a URL or the name alone.
  const key = [registry, ...Object.keys(auths)].find(
    (one) => one in auths && (one === registry || hostOf(one) === registry),
  );
  const stored = key === undefined ? undefined : auths[key];
  return stored && loginOf(stored);
}

function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

function loginOf({ auth, username, password, identitytoken, registrytoken }: StoredLogin) {
  if (registrytoken) return { registrytoken };
  if (identitytoken) return { identitytoken };
  if (username && password) return { username, password };
  const [, user, secret] = /^([^:]+):(.*)$/s.exec(decode(auth ?? '')) ?? [];
  return user && secret ? { username: user, password: secret } : undefined;
}

function decode(auth: string): string {
  return Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
}

/** Undefined when it has no login for the registry. */
async function askHelper(
  program: string,
  registry: string,
  env: NodeJS.ProcessEnv,
  deadline: Deadline,
): Promise<Login | undefined> {
  const { exitCode, stdout, stderr } = await within(deadline, `${program} to answer`, (signal) =>
    runHelper(program, registry, env, signal),
  );
  if (exitCode !== 0) {
    // Helpers write errors to stdout, too.
    const said = `${stdout}${stderr}`.trim();
    if (/credentials not found/i.test(said)) return undefined;
    throw new Error(`${program} get ended with ${exitCode}: ${said}`);
  }
  const { Username: username, Secret: secret } = parsed(program, stdout);
  if (!username || !secret) return undefined;
  return username === tokenUser ? { identitytoken: secret } : { username, password: secret };
}

/** No message shows the answer, since it holds a password. */
function parsed(program: string, said: string): { Username?: string; Secret?: string } {
  try {
    return JSON.parse(said) as { Username?: string; Secret?: string };
  } catch {
    throw new Error(`${program} get did not answer with JSON`);
  }
}

function runHelper(
  program: string,
  registry: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { env, signal, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
    // If the helper ends without reading, its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(registry);
  });
}
