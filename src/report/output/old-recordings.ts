import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../base/errors';
import { isRunning, mark, recordingName } from './report-folder';

/** A recording or a page in a reporter's folder. */
export interface OldRecording {
  readonly path: string;
  readonly bytes: number;
  readonly ageMs: number;
  /** Whether a run that makes it is under way. */
  readonly isUnderWay: boolean;
}

const pageName = /^(index|shard-\d+-of-\d+)\.html$/;

/**
 * What runs have left in a reporter's folder: recordings and pages, and nothing that is somebody
 * else's. Undefined if no reporter has made the folder.
 */
export function recordingsIn(folder: string): OldRecording[] | undefined {
  const names = namesIn(folder);
  if (!names?.includes(mark)) return undefined;
  const recordings = join(folder, 'recordings');
  const runs = isDirectory(recordings) ? (namesIn(recordings) ?? []) : [];
  return [
    ...runs.flatMap((name) => {
      const path = join(recordings, name);
      const pid = Number(recordingName.exec(name)?.[3]);
      return pid > 0 && isDirectory(path) ? [seen(path, isRunning(pid))] : [];
    }),
    ...names.filter((name) => pageName.test(name)).map((name) => seen(join(folder, name), false)),
  ];
}

export function removeRecording({ path }: OldRecording): void {
  rmSync(path, { recursive: true, force: true });
}

/** Removes a reporter's folder if nothing is left in it. */
export function removeIfEmpty(folder: string): void {
  const recordings = join(folder, 'recordings');
  if (isDirectory(recordings) && namesIn(recordings)?.length === 0) rmdirSync(recordings);
  if (namesIn(folder)?.every((name) => name === mark)) rmSync(folder, { recursive: true });
}

function seen(path: string, isUnderWay: boolean): OldRecording {
  const files = isDirectory(path) ? (namesIn(path) ?? []).map((name) => join(path, name)) : [];
  const stats = [path, ...files].map((file) => lstatSync(file));
  return {
    path,
    bytes: stats.reduce((sum, { blocks }) => sum + blocks * 512, 0),
    ageMs: Math.max(0, Date.now() - Math.max(...stats.map(({ mtimeMs }) => mtimeMs))),
    isUnderWay,
  };
}

/** Undefined if it is none, or none that we may read. */
function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** A link may lead to what is somebody else's. */
function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
