import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf, PgClusterError } from '../../../base/errors';
import { homeDirectory } from '../../../base/machine/this-user';

/** The parts that we need of a user's configuration for `docker`. */
export interface ClientConfig {
  /** Its file, for messages. */
  readonly path: string;
  /** The context that `docker context use` has chosen. */
  readonly currentContext?: string;
  /** What `docker login` has kept, by registry. */
  readonly auths?: Readonly<Record<string, StoredLogin>>;
  /** The helper that keeps what is not in `auths`; by registry, where it is another one. */
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Base64 of `user:password`, or the two apart; or a token that stands for both. */
export interface StoredLogin {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** Where `docker` keeps a user's files: DOCKER_CONFIG, else ~/.docker. */
export function configFolder(env: NodeJS.ProcessEnv): string {
  return env.DOCKER_CONFIG || join(env.HOME || homeDirectory() || '/', '.docker');
}

/** @throws `ERR_PG_CLUSTER_NO_ENGINE` for a file that is there, but makes no sense. */
export function clientConfig(env: NodeJS.ProcessEnv): ClientConfig {
  const path = join(configFolder(env), 'config.json');
  return { ...readJson<Omit<ClientConfig, 'path'>>(path), path };
}

/** Undefined if there is no such file. */
export function readJson<T extends object>(path: string): T | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as T;
    throw new Error('it holds no JSON object');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw new PgClusterError(
      'ERR_PG_CLUSTER_NO_ENGINE',
      `${path}, a file of Docker's, cannot be used: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
