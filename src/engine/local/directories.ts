import { accessSync, chmodSync, constants, mkdirSync, statfsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PgClusterError } from '../../errors';
import { privateDirectory, privateMode } from '../../private-directory';

const cacheVariable = 'PG_CLUSTER_CACHE_DIR';
/** What a node's data may grow to before memory is the wrong place: WAL alone is kept up to 512 MB. */
const roomPerNode = 768 * 1024 * 1024;

/**
 * Where templates are kept from run to run: the option `cacheDir`, else the environment variable
 * PG_CLUSTER_CACHE_DIR, else the user's cache directory (XDG base directories; ~/Library/Caches on
 * macOS). Root's is below /var/cache: what is there has to be readable by the user that servers
 * run as, and root's home is not.
 *
 * @throws `ERR_PG_CLUSTER_ENGINE` when it cannot be written to
 */
export function cacheDirectory(option: string | undefined): string {
  const chosen = option ?? process.env[cacheVariable];
  const directory = chosen || join(usualCache(), 'jest-environment-pg-cluster');
  try {
    mkdirSync(directory, { recursive: true, mode: privateMode });
    accessSync(directory, constants.W_OK);
    if (!chosen) chmodSync(directory, privateMode);
    return directory;
  } catch (error) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ENGINE',
      `the cache directory ${directory} cannot be used: ${(error as Error).message}; set the option cacheDir, or ${cacheVariable}, to one that can be written to`,
      { cause: error },
    );
  }
}

function usualCache(): string {
  const { XDG_CACHE_HOME } = process.env;
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  if (process.getuid?.() === 0) return '/var/cache';
  return join(homedir(), ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']));
}

/** Where a cluster of so many nodes has its data: in memory if there is room, else in the temp directory. */
export function dataRoot(nodes: number): string {
  const memory = '/dev/shm';
  return privateDirectory(hasRoom(memory, nodes * roomPerNode) ? memory : tmpdir());
}

/** Every place where a cluster of this user may have its data. */
export function dataRoots(): string[] {
  return ['/dev/shm', tmpdir()].filter(isWritable).map(privateDirectory);
}

/** A new directory that only servers' user and this process can look into. */
export function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: privateMode });
}

function hasRoom(directory: string, bytes: number): boolean {
  if (!isWritable(directory)) return false;
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= bytes;
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
