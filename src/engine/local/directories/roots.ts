import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { PgClusterError } from '../../../base/errors';
import {
  makePrivate,
  privateDirectory,
  privateMode,
  privateName,
} from '../../../base/machine/private-directory';
import { homeDirectory } from '../../../base/machine/this-user';
import { roomIn, roomPerNode } from '../system/free-space';
import type { ServerUser } from '../system/server-user';

const cacheVariable = 'PG_CLUSTER_CACHE_DIR';
/** A file system in memory (Linux). */
export const memory = '/dev/shm';
/** In the name of a servers' part, before the user's id. */
const partOf = '-as-';

/**
 * Where templates are kept from run to run: the option `cacheDir`, else the environment variable
 * PG_CLUSTER_CACHE_DIR, else the user's cache directory (XDG base directories; ~/Library/Caches on
 * macOS). For root it is below /var/cache: the servers' user must reach its part, and cannot pass
 * through root's home.
 *
 * @throws `ERR_PG_CLUSTER_ENGINE` when it cannot be written to
 */
export function cacheDirectory(option: string | undefined): string {
  const { directory, chosen } = cachePlace(option);
  try {
    if (!chosen && directory.startsWith(privateName(tmpdir()))) privateDirectory(tmpdir());
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

/** The same, but nothing is made. `chosen` if somebody has said where it is to be. */
export function cachePlace(option: string | undefined): { directory: string; chosen: boolean } {
  const chosen = option ?? process.env[cacheVariable];
  const directory = chosen || join(usualCache(), 'jest-environment-pg-cluster');
  return { directory, chosen: Boolean(chosen) };
}

function usualCache(): string {
  const { XDG_CACHE_HOME } = process.env;
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  if (process.getuid?.() === 0) return '/var/cache';
  const home = homeDirectory();
  if (home === undefined) return privateName(tmpdir());
  return join(home, ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']));
}

/**
 * Where a cluster with this many nodes has its data: in memory if there is room, else in the temp
 * directory.
 */
export function dataRoot(nodes: number): string {
  return privateDirectory(dataPlace(nodes));
}

/** The directory in which that is; nothing is made. */
export function dataPlace(nodes: number): string {
  return hasRoom(memory, nodes * roomPerNode) ? memory : tmpdir();
}

/** Every place where a cluster of this user may have its data, or notes about them. */
export function dataRoots(): string[] {
  return [memory, tmpdir()].filter(isWritable).map(privateDirectory);
}

/**
 * The part of a directory that servers use. Root's servers run as another user, who must not reach
 * what root relies on: their part is that user's own directory, beside it.
 */
export function serversPart(directory: string, { ids }: ServerUser): string {
  if (!ids) return directory;
  const part = `${resolve(directory)}${partOf}${ids.uid}`;
  makePrivate(part, ids);
  return part;
}

/** The parts of a directory that servers of any user have used. */
export function serversParts(directory: string): string[] {
  const parent = dirname(directory);
  if (!existsSync(parent)) return [];
  const prefix = `${basename(directory)}${partOf}`;
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name));
}

function hasRoom(directory: string, bytes: number): boolean {
  return isWritable(directory) && roomIn(directory) >= bytes;
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
