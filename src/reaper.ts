import { Deadline, poll } from './base/deadline';
import { messageOf } from './base/errors';
import { removeSessionFiles, sweepSessionFiles } from './cleanup/session-files';
import { engines } from './engine/registry';
import type { RegistryEntry } from './engine/registry-entry';
import { sweep } from './engine/sweep';

/**
 * The reaper is a process of its own, which a session's owner starts with the session's id (see
 * guard.ts). Its standard input is a pipe, on which the owner names the kinds of engine that it
 * uses. On each of them the reaper first removes what was left by owners whose reaper was killed
 * with them, and images that nobody has used for long. Then it watches what the session's servers
 * take of this machine. When the pipe ends, the owner has ended in whatever way, and the reaper
 * removes everything that the session left.
 */
async function reap(engine: RegistryEntry, sessionId: string): Promise<void> {
  let clean = 0;
  await poll({
    deadline: Deadline.in(60_000),
    what: `everything of session ${sessionId} to be removed`,
    // Looks twice, since the engine may still be at work on the owner's last request.
    intervalMs: 300,
    look: async () => {
      try {
        const removed = await engine.remove(sessionId, Deadline.in(20_000));
        clean = removed === 0 ? clean + 1 : 0;
        return clean === 2 ? { done: undefined } : { seen: `removed ${removed}` };
      } catch (error) {
        return { seen: messageOf(error) };
      }
    },
  });
}

/** Nobody is left to hear of a failure. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    process.exitCode = 1;
  }
}

// Ctrl-C and the end of a terminal are meant for the owner.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {});

// Writing to an owner that has ended must not end the reaper.
for (const pipe of [process.stdout, process.stderr]) pipe.on('error', () => {});
process.stdout.write('ready\n');

const [, , sessionId] = process.argv;
/** The engines that the owner has named, and how to stop watching their servers. */
const used = new Map<RegistryEntry, (() => void) | undefined>();
let told = '';
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  told += text;
  const lines = told.split('\n');
  for (const engine of engines as readonly RegistryEntry[]) {
    if (used.has(engine) || !lines.includes(engine.kind)) continue;
    engine.loadUpkeep();
    // The next run tries again to remove what cannot be removed now.
    sweep(engine, Deadline.in(60_000))
      .catch(() => {})
      .then(() => engine.ageOut?.(Deadline.in(60_000)))
      .catch(() => {});
    attempt(sweepSessionFiles);
    used.set(engine, sessionId === undefined ? undefined : engine.watch?.(sessionId));
  }
});
process.stdin.once('close', () => {
  if (sessionId === undefined) return;
  attempt(() => removeSessionFiles(sessionId));
  for (const [engine, stopWatching] of used) {
    stopWatching?.();
    reap(engine, sessionId).catch(() => {
      process.exitCode = 1;
    });
  }
});
