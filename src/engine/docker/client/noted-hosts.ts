import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from '../../../base/content-hash';
import { makePrivate, privateDirectory } from '../../../base/machine/private-directory';

/** An engine that has not been used for so long has nothing left, or is gone for good. */
const keptMs = 14 * 86_400_000;

/** How many clusters of this process are there, by the note's path. */
const uses = new Map<string, number>();

/**
 * Notes that a cluster of this session is on an engine that nothing but an option leads to: whoever
 * cleans up after the session has no options. Returns what to call when nothing of it is left there.
 */
export function noteHost(sessionId: string, host: string): () => void {
  const path = join(folder(), `${sessionId}-${contentHash(host)}`);
  uses.set(path, (uses.get(path) ?? 0) + 1);
  writeFileSync(path, host, { mode: 0o600 });
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    const left = (uses.get(path) ?? 1) - 1;
    uses.set(path, left);
    if (left === 0) rmSync(path, { force: true });
  };
}

/** Those of one session, or of all. */
export function notedHosts(sessionId = ''): string[] {
  const texts = notes(sessionId).flatMap((path) => {
    try {
      if (Date.now() - statSync(path).mtimeMs < keptMs) return readFileSync(path, 'utf8');
      rmSync(path, { force: true });
    } catch {
      // Another process has just removed it.
    }
    return [];
  });
  return [...new Set(texts)];
}

/** Nothing of the session is left there. */
export function forgetHosts(sessionId: string): void {
  for (const path of notes(sessionId)) rmSync(path, { force: true });
}

function notes(sessionId: string): string[] {
  const home = folder();
  return readdirSync(home)
    .filter((name) => name.startsWith(sessionId))
    .map((name) => join(home, name));
}

function folder(): string {
  const home = join(privateDirectory(tmpdir()), 'docker-hosts');
  makePrivate(home);
  return home;
}
