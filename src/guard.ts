import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { EngineKind } from './engine/engine';
import { say } from './progress';
import { currentSession } from './session';

let reaper: ChildProcess | undefined;
/** How many are in use. While there are some, the channel to Jest keeps this process alive. */
let clusters = 0;

/**
 * Sees to it that nothing outlives this process: starts the session's reaper, which removes what
 * is left on engines of this kind when this process ends without a teardown.
 */
export function guard(kind: EngineKind): void {
  clusters += 1;
  if (!reaper || reaper.exitCode !== null || reaper.signalCode !== null) startReaper();
  reaper?.stdin?.write(`${kind}\n`);
  if (clusters === 1) process.on('disconnect', endOrphan);
}

function startReaper(): void {
  const { NODE_OPTIONS: _, ...env } = process.env;
  // In src/ as in dist/: the compiled file.
  const script = join(__dirname, '..', 'dist', 'reaper.js');
  reaper = spawn(process.execPath, [script, currentSession().id], {
    // A group and session of its own, or Ctrl-C would end it with us.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  reaper.once('error', (error) => {
    say(`no reaper could be started, so a killed run may leave containers: ${error.message}`);
  });
  // Neither the process nor the pipe to it may keep Jest from exiting.
  reaper.unref();
  (reaper.stdin as Socket).unref();
  reaper.stdin?.on('error', () => {});
}

/** One cluster is not in use any more. The reaper stays, for clusters that stay. */
export function unguard(): void {
  clusters -= 1;
  if (clusters === 0) process.removeListener('disconnect', endOrphan);
}

/**
 * With `--bail` Jest may exit while its workers are in the middle of a file. Such a worker would
 * go on with nobody to report to, and its cluster with it.
 */
function endOrphan(): void {
  process.exit(1);
}
