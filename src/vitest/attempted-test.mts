import type { RunnerTestCase } from 'vitest';
import { messageOf } from '../base/errors.js';
import type { SupervisedTest } from '../runner/supervised.js';

/** One attempt at a test. */
export class AttemptedTest implements SupervisedTest {
  readonly #task: Readonly<RunnerTestCase>;
  /** How many errors former attempts have left. */
  readonly #formerErrors: number;
  readonly name: string;
  readonly attempt: number;
  readonly errors: unknown[] = [];
  /** Those that Vitest has told us of, or has from us. */
  readonly #known = new Set<unknown>();

  constructor(task: Readonly<RunnerTestCase>, name: string) {
    this.#task = task;
    this.#formerErrors = task.result?.errors?.length ?? 0;
    this.name = name;
    this.attempt = (task.result?.retryCount ?? 0) + 1;
  }

  /** Nothing has failed it yet. */
  get mayRun(): boolean {
    return this.errors.length === 0;
  }

  get timedOut(): boolean {
    return this.errors.some((error) => /^(Test|Hook) timed out in/.test(messageOf(error)));
  }

  /** Takes over what it has failed with, but for a test that is meant to fail. */
  takeErrors(): void {
    if (this.#task.fails) return;
    const { errors = [] } = this.#task.result ?? {};
    for (const error of errors.slice(this.#formerErrors)) {
      this.#known.add(error);
      this.errors.push(error);
    }
  }

  /** @throws what was added to its errors, and Vitest has not heard of */
  throwAdded(): void {
    const added = this.errors.filter((error) => !this.#known.has(error));
    for (const error of added) this.#known.add(error);
    if (added.length > 1) throw new AggregateError(added, added.map(messageOf).join('; '));
    if (added.length === 1) throw added[0];
  }
}
