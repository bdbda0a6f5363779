import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateDirectory } from './private-directory';
import { processStart } from './process-start-time';

const prefix = 'once-';
const dayMs = 86_400_000;

/**
 * Notes that something was done in this run of Jest; false if another worker here has already noted
 * it. The note is a file named after it and the run's main process.
 */
export function markInRun(subject: string): boolean {
  try {
    closeSync(openSync(fileOf(subject), 'wx', 0o600));
  } catch {
    return false;
  }
  forgetOldRuns();
  return true;
}

export function isMarkedInRun(subject: string): boolean {
  return existsSync(fileOf(subject));
}

function fileOf(subject: string): string {
  return join(directory(), `${prefix}${subject}-${currentRun()}`);
}

/** Names this run of Jest, which may have several processes. */
export function currentRun(): string {
  // Workers are children of the main process; with --runInBand this is the main process.
  const main = process.send ? process.ppid : process.pid;
  return `${main}-${processStart(main)}`;
}

function forgetOldRuns(): void {
  for (const name of readdirSync(directory()).filter((entry) => entry.startsWith(prefix))) {
    const path = join(directory(), name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (written < Date.now() - dayMs) rmSync(path, { force: true });
  }
}

function directory(): string {
  return privateDirectory(tmpdir());
}
