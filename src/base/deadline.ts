import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, PgClusterError } from './errors';

/** A moment by which something has to have happened. */
export class Deadline {
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  /** Whether waiting for it keeps the process alive. */
  readonly keepsAlive: boolean;

  private constructor(endsAt: number, keepsAlive: boolean) {
    this.#endsAt = endsAt;
    this.keepsAlive = keepsAlive;
  }

  static in(ms: number): Deadline {
    return new Deadline(performance.now() + ms, true);
  }

  /** For what nobody waits for: the process may end meanwhile. */
  static inBackground(ms: number): Deadline {
    return new Deadline(performance.now() + ms, false);
  }

  /** This deadline, or the one `ms` from now if that is sooner: the inner one must fire first. */
  atMost(ms: number): Deadline {
    return new Deadline(Math.min(this.#endsAt, performance.now() + ms), this.keepsAlive);
  }

  /** This deadline, or the one `ms` from now if that is later. */
  atLeast(ms: number): Deadline {
    return new Deadline(Math.max(this.#endsAt, performance.now() + ms), this.keepsAlive);
  }

  /** So much later: for who waits for work that has this deadline, and can tell more of it. */
  plus(ms: number): Deadline {
    return new Deadline(this.#endsAt + ms, this.keepsAlive);
  }

  get remainingMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  get expired(): boolean {
    return this.remainingMs === 0;
  }
}

/** Milliseconds as a reader wants them: `85 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/**
 * The result of `work`, or an `ERR_PG_CLUSTER_TIMEOUT` that says what was waited for.
 *
 * `work` gets a signal that is aborted at the deadline. What it does after that is of no interest
 * any more; a late rejection is swallowed so that it does not end the process.
 */
export async function within<T>(
  deadline: Deadline,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const running = work(abort.signal);
  running.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new PgClusterError(
          'ERR_PG_CLUSTER_TIMEOUT',
          `waited ${formatMs(deadline.elapsedMs)} for ${what}, in vain`,
        ),
      );
      abort.abort();
      // Rounded down, as timers do it, it would end before its time.
    }, Math.ceil(deadline.remainingMs));
    if (!deadline.keepsAlive) timer.unref();
  });
  try {
    return await Promise.race([running, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** What one look at the world gave: the value waited for, or what was seen in its place. */
export type Observation<T> = { readonly done: T } | { readonly seen: string };

/**
 * Looks again and again until `look` sees what is waited for. The only place where this package
 * waits for something to happen.
 *
 * An error thrown by `look` ends the wait; a look that may fail says so as `{ seen }`. At the
 * deadline the error names what was waited for, how long, and what was seen last.
 */
export async function poll<T>(o: {
  deadline: Deadline;
  /** Completes "waited 3.0 s for …". */
  what: string;
  intervalMs: number;
  look: (deadline: Deadline) => Promise<Observation<T>>;
}): Promise<T> {
  let seen = 'nothing yet';
  const startedAt = performance.now();
  for (;;) {
    const observation = await o.look(o.deadline);
    if ('done' in observation) return observation.done;
    seen = observation.seen;
    if (o.deadline.remainingMs <= o.intervalMs) break;
    await delay(o.intervalMs, undefined, { ref: o.deadline.keepsAlive });
  }
  throw new PgClusterError(
    'ERR_PG_CLUSTER_TIMEOUT',
    `waited ${formatMs(performance.now() - startedAt)} for ${o.what}; last seen: ${seen}`,
  );
}

/**
 * The time between two beats of something that goes on in the background until `signal` ends it.
 * Never rejects, and keeps no process alive.
 */
export async function beat(intervalMs: number, signal: AbortSignal): Promise<void> {
  await delay(intervalMs, undefined, { signal, ref: false }).catch(() => {});
}

/** What went wrong, for use as an observation. */
export function seenAs(error: unknown): { seen: string } {
  return { seen: messageOf(error) };
}
