import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, PgClusterError } from '../../base/errors';
import { recordingExtension } from '../records';
import { readRecording } from './read-recording';
import type { Recording } from './recording';

/** All that is in some files and folders: of several shards, say, or of a run that was killed. */
export interface Recordings {
  /** In the order in which they began; one that is there twice counts once. */
  readonly recordings: readonly Recording[];
  /** The same, with the path of each. */
  readonly paths: ReadonlyMap<Recording, string>;
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Reads files, and all recordings in folders and in folders inside them.
 *
 * @throws `ERR_PG_CLUSTER_ARGUMENT` if there is no such file or folder
 */
export function readRecordings(given: readonly string[]): Recordings {
  const problems: string[] = [];
  const paths = new Map<Recording, string>();
  const found = new Map<string, Recording>();
  for (const path of given.flatMap(filesIn)) {
    const read = contentOf(path);
    if ('problem' in read) {
      problems.push(`${path} is left out: ${read.problem}`);
      continue;
    }
    const { begin, records } = read.recording;
    const key = JSON.stringify(begin);
    // A copy that was made while the file grew has less.
    if ((found.get(key)?.records.length ?? -1) >= records.length) continue;
    found.set(key, read.recording);
    paths.set(read.recording, path);
  }
  const recordings = [...found.values()].sort(
    ({ begin: one }, { begin: other }) =>
      one.startedAt - other.startedAt || (one.file < other.file ? -1 : 1),
  );
  return { recordings, paths, problems };
}

function contentOf(path: string): ReturnType<typeof readRecording> {
  try {
    return readRecording(readFileSync(path, 'utf8'));
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function filesIn(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    throw new PgClusterError(
      'ERR_PG_CLUSTER_ARGUMENT',
      `there is no file or folder ${path}; give the reporter’s folder, or recordings (…${recordingExtension}) in it`,
    );
  }
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(recordingExtension))
    .sort()
    .map((name) => join(path, name));
}
