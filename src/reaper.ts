import { Deadline, poll } from './base/deadline';
import { messageOf } from './base/errors';
import { engines } from './engine/registry';
import type { RegistryEntry } from './engine/registry-entry';
import { sweep } from './engine/sweep';

/**
 * A process of its own, started with a session's id by the session's owner (see guard.ts). Its
 * standard input is a pipe from the owner, by which it is told what kinds of engine are used; there
 * it first removes what owners left whose reaper was killed with them, and images that nobody has
 * used for long, and it watches what the session's servers take of this machine. When the pipe ends,
 * the owner has ended, however it did, and what the session has left is removed.
 */
async function reap(engine: RegistryEntry, sessionId: string): Promise<void> {
  let clean = 0;
  await poll({
    deadline: Deadline.in(60_000),
    what: `everything of session ${sessionId} to be removed`,
    // The engine may still be at work on a request of the owner's: look twice.
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

// Ctrl-C in a terminal and a closed terminal are meant for the owner.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {});

// The owner may be gone when it is told something.
for (const pipe of [process.stdout, process.stderr]) pipe.on('error', () => {});
process.stdout.write('ready\n');

const [, , sessionId] = process.argv;
/** The engines that were told, and how to stop what watches over their servers. */
const used = new Map<RegistryEntry, (() => void) | undefined>();
let told = '';
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  told += text;
  const lines = told.split('\n');
  for (const engine of engines as readonly RegistryEntry[]) {
    if (used.has(engine) || !lines.includes(engine.kind)) continue;
    // What cannot be removed now, the next run tries again.
    sweep(engine, Deadline.in(60_000))
      .catch(() => {})
      .then(() => engine.ageOut?.(Deadline.in(60_000)))
      .catch(() => {});
    used.set(engine, sessionId === undefined ? undefined : engine.watch?.(sessionId));
  }
});
process.stdin.once('close', () => {
  if (sessionId === undefined) return;
  for (const [engine, stopWatching] of used) {
    stopWatching?.();
    // Nobody is left to tell.
    reap(engine, sessionId).catch(() => {
      process.exitCode = 1;
    });
  }
});
