import { Deadline, poll } from './base/deadline';
import { messageOf } from './base/errors';
import type { EngineKind } from './engine/engine';
import { Watcher } from './engine/local/directories/watcher';
import { ageOut, removeSession, sweep } from './engine/open';

/**
 * A process of its own, started with a session's id by the session's owner (see guard.ts). Its
 * standard input is a pipe from the owner, by which it is told what kinds of engine are used; there
 * it first removes what owners left whose reaper was killed with them, and images that nobody has
 * used for long, and it watches what the session's servers take of this machine. When the pipe ends,
 * the owner has ended, however it did, and what the session has left is removed.
 */
async function reap(kind: EngineKind, sessionId: string): Promise<void> {
  let clean = 0;
  await poll({
    deadline: Deadline.in(60_000),
    what: `everything of session ${sessionId} to be removed`,
    // The engine may still be at work on a request of the owner's: look twice.
    intervalMs: 300,
    look: async () => {
      try {
        const removed = await removeSession(kind, sessionId, Deadline.in(20_000));
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
const watcher = sessionId === undefined ? undefined : new Watcher(sessionId);
const used = new Set<EngineKind>();
let told = '';
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  told += text;
  const lines = told.split('\n');
  for (const kind of ['local', 'docker'] as const) {
    if (used.has(kind) || !lines.includes(kind)) continue;
    used.add(kind);
    // What cannot be removed now, the next run tries again.
    sweep(kind, Deadline.in(60_000))
      .catch(() => {})
      .then(() => ageOut(kind, Deadline.in(60_000)))
      .catch(() => {});
    if (kind === 'local') watcher?.start();
  }
});
process.stdin.once('close', () => {
  if (sessionId === undefined) return;
  watcher?.stop();
  for (const kind of used) {
    // Nobody is left to tell.
    reap(kind, sessionId).catch(() => {
      process.exitCode = 1;
    });
  }
});
