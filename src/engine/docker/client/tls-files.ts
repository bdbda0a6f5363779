import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PgClusterError } from '../../../base/errors';
import { configFolder } from './docker-config-file';

/** How to talk to an engine over TLS. */
export interface Tls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Whether the engine has to prove who it is. */
  readonly verify: boolean;
}

const names = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } as const;

/**
 * What DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH ask for; undefined: no TLS.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` when a file is missing in DOCKER_CERT_PATH
 */
export function tlsOfEnvironment(env: NodeJS.ProcessEnv, port: string): Tls | undefined {
  // Whoever names a folder means it to be used.
  if (env.DOCKER_CERT_PATH) requireFiles(env.DOCKER_CERT_PATH);
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS && port !== '2376') return undefined;
  return {
    ...tlsFiles(env.DOCKER_CERT_PATH || configFolder(env)),
    verify: Boolean(env.DOCKER_TLS_VERIFY) || !env.DOCKER_TLS,
  };
}

/** Reads those of the three files that are there. */
export function tlsFiles(folder: string): Omit<Tls, 'verify'> {
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  return { ca: read(names.ca), cert: read(names.cert), key: read(names.key) };
}

function requireFiles(folder: string): void {
  const missing = Object.values(names).filter((name) => !existsSync(join(folder, name)));
  if (missing.length === 0) return;
  throw new PgClusterError(
    'ERR_PG_CLUSTER_NO_ENGINE',
    existsSync(folder)
      ? `DOCKER_CERT_PATH=${folder} lacks ${missing.join(', ')}; it has to hold ${Object.values(names).join(', ')}`
      : `DOCKER_CERT_PATH=${folder} does not exist; it has to be the folder of ${Object.values(names).join(', ')}`,
  );
}
