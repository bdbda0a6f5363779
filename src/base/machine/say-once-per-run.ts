import { closeSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { say } from '../progress';
import { privateDirectory } from './private-directory';
import { processStart } from './process-start-time';

const prefix = 'said-';
const dayMs = 86_400_000;

/**
 * Prints a line on stderr, unless another worker of this run of Jest has already printed one about the
 * same subject here. A file named after it and the run's main process marks that.
 */
export function sayOncePerRun(subject: string, text: string): void {
  // Workers are children of the main process; with --runInBand this is the main process.
  const run = process.send ? process.ppid : process.pid;
  const directory = privateDirectory(tmpdir());
  try {
    closeSync(
      openSync(join(directory, `${prefix}${subject}-${run}-${processStart(run)}`), 'wx', 0o600),
    );
  } catch {
    return;
  }
  say(text);
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(prefix))) {
    const path = join(directory, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (written < Date.now() - dayMs) rmSync(path, { force: true });
  }
}
