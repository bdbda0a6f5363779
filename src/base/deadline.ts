import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, PgClusterError } from './errors';

/** A moment by which something has to have happened. */
export class Deadline {
  readonly #startedAt = performance.now();
  #endsAt: number;
  /** Whether waiting until then keeps the process alive. */
  readonly keepsAlive: boolean;

  private constructor(endsAt: number, keepsAlive: boolean) {
    this.#endsAt = endsAt;
    this.keepsAlive = keepsAlive;
  }

  static in(ms: number): Deadline {
    return new Deadline(performance.now() + ms, true);
  }

  /** For work that nobody waits for: the process may end meanwhile. */
  static inBackground(ms: number): Deadline {
    return new Deadline(performance.now() + ms, false);
  }

  /** This deadline, or `ms` from now if that is sooner. An inner deadline must pass first. */
  atMost(ms: number): Deadline {
    return new Deadline(Math.min(this.#endsAt, performance.now() + ms), this.keepsAlive);
  }

  /** This deadline, or `ms` from now if that is later. */
  atLeast(ms: number): Deadline {
    return new Deadline(Math.max(this.#endsAt, performance.now() + ms), this.keepsAlive);
  }

  /**
   * A later deadline, for waiting on work that ends by this one and fails with a better message.
   */
  plus(ms: number): Deadline {
    return new Deadline(this.#endsAt + ms, this.keepsAlive);
  }

  /** Lets the time be up now, for whoever polls until this deadline: nobody waits any more. */
  expire(): void {
    this.#endsAt = Math.min(this.#endsAt, performance.now());
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

/** A time for people to read: `85 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/**
 * The result of `work`, or an `ERR_PG_CLUSTER_TIMEOUT` that says what was waited for.
 *
 * `work` gets a signal that is aborted at the deadline. Nothing that happens to it later matters,
 * so a late rejection is swallowed: it would end the process.
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
          `waited ${formatMs(deadline.elapsedMs)} for ${what}, without success`,
        ),
      );
      abort.abort();
      // Timers round down, so this one would fire before the deadline.
    }, Math.ceil(deadline.remainingMs));
    if (!deadline.keepsAlive) timer.unref();
  });
  try {
    return await Promise.race([running, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** What one look found: the value that was waited for, or what was there instead. */
export type Observation<T> = { readonly done: T } | { readonly seen: string };

/**
 * Calls `look` again and again until it sees what is waited for. This package waits for nothing in
 * any other way.
 *
 * An error thrown by `look` ends the wait. A `look` that may fail for a while returns the failure
 * as `{ seen }`.
 *
 * @throws `ERR_PG_CLUSTER_TIMEOUT`, which says what was waited for, how long, and what was seen
 * last
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
 * The pause between two rounds of background work. Resolves early when `signal` is aborted, never
 * rejects, and does not keep the process alive.
 */
export async function beat(intervalMs: number, signal: AbortSignal): Promise<void> {
  await delay(intervalMs, undefined, { signal, ref: false }).catch(() => {});
}

/** A failure as an observation for {@link poll}. */
export function seenAs(error: unknown): { seen: string } {
  return { seen: messageOf(error) };
}
