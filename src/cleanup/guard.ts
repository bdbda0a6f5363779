import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../base/errors';
import { childEnv } from '../base/machine/child-environment';
import { say } from '../base/progress';
import { currentSession } from './session';

/** How long a reaper may take to load: the machine may be busy. */
const readyMs = 30_000;
/** How many characters of the reaper's last words are kept. */
const maxProblem = 2000;

let reaper: ChildProcess | undefined;
let hasWarned = false;

/**
 * Sees to it that nothing outlives this process: starts the session's reaper, which removes what
 * is left on the engine of this kind when this process has ended, in whatever way. The reaper stays
 * until then, since a process may have several clusters, idle ones too.
 */
export function guard(kind: string): void {
  if (!reaper || reaper.exitCode !== null || reaper.signalCode !== null) startReaper();
  reaper?.stdin?.write(`${kind}\n`);
}

function startReaper(): void {
  // In src/ as in dist/: the compiled file.
  const script = join(__dirname, '..', '..', 'dist', 'reaper.js');
  const child = spawn(process.execPath, [script, currentSession().id], {
    // In a process group of its own, since Ctrl-C would otherwise end it with us.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: childEnv(),
  });
  reaper = child;
  let isReady = false;
  let problem = '';
  child.stdout.once('data', () => {
    isReady = true;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problem = `${problem}${text}`.slice(-maxProblem);
  });
  child.once('error', (error) => warn(error.message));
  // 'close', not 'exit': by then all of its output has been read.
  child.once('close', (code, signal) => {
    warn(`it ended by ${signal ?? `exit code ${code}`}${problem === '' ? '' : `: ${problem}`}`);
  });
  setTimeout(() => {
    if (!isReady) warn(`it has not said within ${readyMs / 1000} s that it is ready`);
  }, readyMs).unref();
  // Neither the process nor the pipes to it may keep this one from exiting.
  child.unref();
  for (const pipe of [child.stdin, child.stdout, child.stderr]) {
    (pipe as Socket).unref();
    pipe.on('error', () => {});
  }
}

/** Says it only once, though a run has many clusters. */
function warn(why: string): void {
  if (hasWarned) return;
  hasWarned = true;
  say(
    `WARNING: nothing will remove what a killed run leaves (containers, server processes, directories), since the process for that is not alive: ${messageOf(new Error(why.trim()))}. The next run removes what it can`,
  );
}
