import { randomBytes } from 'node:crypto';
import { livingSessionFiles, removeSessionFile, writeSessionFile } from '../cleanup/session-files';

/** How other processes of the same user reach a cluster that a process of ours holds. */
export interface DoorNote {
  /** What one calls it by: the owner's session, shortened. */
  readonly id: string;
  /** On loopback. */
  readonly port: number;
  /** Only who can read the note may come in. */
  readonly token: string;
  /** `pg-cluster up`, or the test that failed. */
  readonly what: string;
  /** The run of tests that waits for its end; missing if none does. */
  readonly run?: string;
  /** Where it was begun. */
  readonly folder: string;
  /** The process that holds the cluster. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

const name = 'door.json';

export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** @returns how to remove it */
export function noteDoor(note: DoorNote): () => void {
  const path = writeSessionFile(name, JSON.stringify(note));
  return () => removeSessionFile(path);
}

/** The doors of this user on this machine, the newest first. */
export function notedDoors(): DoorNote[] {
  return livingSessionFiles(name)
    .flatMap((text) => noteIn(text))
    .sort((a, b) => b.since - a.since);
}

/** A note is there a moment before its text is. */
function noteIn(text: string): DoorNote[] {
  try {
    return [JSON.parse(text) as DoorNote];
  } catch {
    return [];
  }
}
