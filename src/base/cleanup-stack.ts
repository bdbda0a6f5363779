import { type Deadline, within } from './deadline';
import { messageOf, PgClusterError } from './errors';

/** How long a step may take by default. */
const usualMs = 10_000;
/** How long a step may still take after the deadline of the whole: most need no more. */
const atLeastMs = 1000;
const graceMs = 250;

interface Step {
  readonly what: string;
  readonly undo: (deadline: Deadline) => unknown;
  readonly ms: number;
}

/**
 * Releases what was acquired, in reverse order. Code that acquires something says on the next line
 * how it is released:
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
   * Adds a step, which runs before the steps that are already there.
   * @param what names the thing; completes "waited 10 s for … to be cleaned up"
   */
  add(what: string, undo: (deadline: Deadline) => unknown, ms: number = usualMs): void {
    this.#steps.push({ what, undo, ms });
  }

  /** Takes over all steps of another stack. They run before the steps that are already there. */
  adopt(other: CleanupStack): void {
    this.#steps.push(...other.#steps.splice(0));
  }

  /**
   * Runs every step, even when earlier ones fail. No step delays the others for longer than its own
   * time. A step that fails stays on the stack, and the next run tries it again.
   *
   * @throws the error of the only step that failed; if several did, one error with the code of the
   * first and the messages of all
   */
  async run(deadline: Deadline): Promise<void> {
    const failed: { step: Step; error: unknown }[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      const { what, undo, ms } = step;
      const time = deadline.atMost(ms).atLeast(atLeastMs);
      try {
        // A step that keeps to its time by itself says better what it waited for.
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
   * Runs every step after a failure, and resolves to that failure, since it is what the user needs
   * to know. Its message also says what could not be cleaned up.
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
