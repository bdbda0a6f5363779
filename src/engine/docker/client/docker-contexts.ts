import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PgClusterError } from '../../../base/errors';
import { configFolder, readJson } from './docker-config-file';
import { type Tls, tlsFiles } from './tls-files';

/** What a Docker context says about an engine. */
export interface DockerContext {
  /** As in DOCKER_HOST. */
  readonly host: string;
  readonly tls: Tls | undefined;
}

interface Meta {
  readonly Name?: string;
  readonly Endpoints?: { readonly docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

/**
 * The context of that name.
 *
 * @throws `ERR_PG_CLUSTER_NO_ENGINE` that lists the contexts there are
 */
export function dockerContext(name: string, env: NodeJS.ProcessEnv): DockerContext {
  const folder = join(configFolder(env), 'contexts');
  const id = createHash('sha256').update(name).digest('hex');
  const meta = readJson<Meta>(join(folder, 'meta', id, 'meta.json'));
  if (meta === undefined) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_NO_ENGINE',
      `there is no such context; there are ${['default', ...contextNames(env)].join(', ')}`,
    );
  }
  const { Host, SkipTLSVerify = false } = meta.Endpoints?.docker ?? {};
  if (!Host) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_NO_ENGINE',
      'this context names no Docker engine (it has no docker endpoint)',
    );
  }
  return { host: Host, tls: tlsOf(join(folder, 'tls', id, 'docker'), !SkipTLSVerify) };
}

function tlsOf(folder: string, verify: boolean): Tls | undefined {
  const tls = { ...tlsFiles(folder), verify };
  return tls.ca || tls.cert || tls.key || !verify ? tls : undefined;
}

/** Those that `docker context create` has made. */
export function contextNames(env: NodeJS.ProcessEnv): string[] {
  const metas = join(configFolder(env), 'contexts', 'meta');
  if (!existsSync(metas)) return [];
  return readdirSync(metas).flatMap((id) => {
    try {
      return readJson<Meta>(join(metas, id, 'meta.json'))?.Name ?? [];
    } catch {
      return [];
    }
  });
}
