import { type Deadline, within } from './deadline';
import { messageOf, PgClusterError } from './errors';

/** How long a step may take that was not given a time of its own. */
const usualMs = 10_000;
/** What a step gets whose turn comes when the time of all is up: most need no more. */
const atLeastMs = 1000;
const graceMs = 250;

interface Step {
  readonly what: string;
  readonly undo: (deadline: Deadline) => unknown;
  readonly ms: number;
}

/**
 * What has to be undone for things that were acquired, last things first. Whoever acquires
 * something says on the next line how it is released:
 *
 * @example
 * const cleanup = new CleanupStack();
 * try {
 *   const port = await freePort();
 *   cleanup.add(`the port ${port}`, () => releasePort(port));
 *   return await listenOn(port);
 * } catch (error) {
 *   throw await cleanup.runAfter(error, Deadline.in(10_000));
 * }
 */
export class CleanupStack {
  #steps: Step[] = [];

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /**
   * One more step, which comes before those that are there.
   * @param what names the thing; completes "waited 10 s for … to be cleaned up"
   */
  add(what: string, undo: (deadline: Deadline) => unknown, ms: number = usualMs): void {
    this.#steps.push({ what, undo, ms });
  }

  /** Takes over all steps of another stack, which come before those that are there. */
  adopt(other: CleanupStack): void {
    this.#steps.push(...other.#steps.splice(0));
  }

  /**
   * Runs every step, whatever becomes of those before it; none holds up the others for longer than
   * it was given. A step that failed stays: another run tries it again.
   *
   * @throws the first error; if there are others, one with its code that tells them all
   */
  async run(deadline: Deadline): Promise<void> {
    const failed: { step: Step; error: unknown }[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      const { what, undo, ms } = step;
      const time = deadline.atMost(ms).atLeast(atLeastMs);
      try {
        // A step that minds its time itself can say better what it waited for.
        await within(time.plus(graceMs), `${what} to be cleaned up`, async () => undo(time));
      } catch (error) {
        failed.push({ step, error });
      }
    }
    this.#steps.unshift(...failed.map(({ step }) => step).reverse());
    const [first, ...others] = failed;
    if (!first) return;
    if (others.length === 0) throw first.error;
    throw new PgClusterError(
      first.error instanceof PgClusterError ? first.error.code : 'ERR_PG_CLUSTER_ENGINE',
      failed.map(({ step, error }) => `${step.what}: ${messageOf(error)}`).join('; '),
      { cause: first.error },
    );
  }

  /**
   * Runs every step because something has failed, and resolves to that failure: it is why all this
   * came to be. What could not be cleaned up is told at the end of its message.
   */
  async runAfter<E>(failure: E, deadline: Deadline): Promise<E> {
    try {
      await this.run(deadline);
    } catch (error) {
      if (failure instanceof Error) {
        failure.message += `\nWhat was made could not be removed: ${messageOf(error)}`;
      }
    }
    return failure;
  }
}
