import { type ChildProcess, spawn } from 'node:child_process';
import type { Work, WorkEnd } from './prepare-messages';

/**
 * A process of its own that runs what the option `prepare` asks for, and sees to it that nothing of
 * it outlives the owner: when the channel to the owner closes, in whatever way, all that it runs is
 * killed. Output passes through.
 */
let running: ChildProcess | undefined;

process.on('message', ({ argv: [program, ...args], cwd, env }: Work) => {
  // In a process group of its own, so that what it starts can be found.
  running = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 1, 2] });
  running.once('error', (error) => tell({ problem: error.message }));
  running.once('exit', (exitCode, signal) => tell({ exitCode, signal }));
});

function tell(end: WorkEnd): void {
  // Something that it has started in the background may still be there; the owner looks.
  process.send?.(end, undefined, undefined, () => {});
}

process.on('disconnect', () => {
  if (running?.pid !== undefined) killGroup(running.pid);
  process.exit(0);
});
// Ctrl-C in a terminal is meant for the owner.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
