import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { makePrivate, privateDirectory } from '../base/machine/private-directory';
import { newId } from '../base/new-id';
import { hasEnded } from './owner';
import { notedOwner, noteOwner } from './owner-note';
import { currentSession } from './session';

/** Begins the name of a directory with a file for others; the session's id and another one follow. */
const prefix = 'for-clients-';

/** Writes a file that clients of a cluster, or other processes, read. @returns its path, in a directory of its own */
export function writeSessionFile(name: string, text: string): string {
  const session = currentSession();
  const directory = join(privateDirectory(tmpdir()), `${prefix}${session.id}-${newId()}`);
  makePrivate(directory);
  noteOwner(directory, session);
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Removes one of them, with its directory. */
export function removeSessionFile(path: string): void {
  rmSync(dirname(path), { recursive: true, force: true });
}

/** The texts of all files of that name whose processes are not known to have ended. */
export function livingSessionFiles(name: string): string[] {
  return directories().flatMap((path) => {
    const owner = notedOwner(path);
    if (owner === undefined || hasEnded(owner)) return [];
    try {
      return [readFileSync(join(path, name), 'utf8')];
    } catch {
      // It is another file's directory, or has just been removed.
      return [];
    }
  });
}

/** The directories of a session's. */
export function sessionFiles(sessionId: string): string[] {
  return directories().filter((path) => basename(path).startsWith(`${prefix}${sessionId}-`));
}

/** Removes all of a session's, whose process has ended. */
export function removeSessionFiles(sessionId: string): void {
  remove(sessionFiles(sessionId));
}

/** Removes those of processes that have ended, if nobody else did. */
export function sweepSessionFiles(): void {
  remove(
    directories().filter((path) => {
      const owner = notedOwner(path);
      return owner !== undefined && hasEnded(owner);
    }),
  );
}

function directories(): string[] {
  const home = privateDirectory(tmpdir());
  return readdirSync(home)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(home, name));
}

function remove(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
}
