import { stripVTControlCharacters } from 'node:util';
import { messageOf } from '../base/errors';
import type { Recorder } from '../report/recording/recorder';
import type { SupervisedHook, SupervisedTest } from './supervised';

const longestError = 20_000;

/** Writes down which tests and hooks run, and what becomes of them. */
export class RecordedTests {
  readonly recorder: Recorder;
  readonly #tests = new Map<SupervisedTest, number>();
  readonly #hooks = new Map<SupervisedHook, number>();
  #lastTest = 0;
  #lastHook = 0;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  testBegins(test: SupervisedTest): void {
    this.#lastTest += 1;
    this.#tests.set(test, this.#lastTest);
    this.recorder.write({
      kind: 'test begins',
      test: this.#lastTest,
      name: test.name,
      attempt: test.attempt,
    });
  }

  /** @param since when its first hook may have begun, in milliseconds since the epoch */
  async testEnds(ended: SupervisedTest, since: number): Promise<void> {
    const test = this.#tests.get(ended);
    if (test === undefined) return;
    this.#tests.delete(ended);
    const errors = ended.errors.map(textOf);
    const outcome = errors.length > 0 ? 'failed' : 'passed';
    this.recorder.lookBack();
    this.recorder.write({ kind: 'test ends', test, outcome, errors });
    if (outcome === 'failed') await this.recorder.writeLogs(since);
  }

  /** @param at milliseconds since the epoch: what was before belongs to former tests */
  spanBegins(at: number): void {
    this.recorder.forgetBefore(this.recorder.momentOf(at));
  }

  hookBegins(hook: SupervisedHook): void {
    if (!hook.isUsers) return;
    this.#lastHook += 1;
    this.#hooks.set(hook, this.#lastHook);
    const { type, block } = hook;
    this.recorder.write({ kind: 'hook begins', hook: this.#lastHook, type, block });
  }

  hookEnds(ended: SupervisedHook, error: unknown): void {
    const hook = this.#hooks.get(ended);
    if (hook === undefined) return;
    this.#hooks.delete(ended);
    const text = error === undefined ? null : textOf(error);
    this.recorder.write({ kind: 'hook ends', hook, error: text });
  }
}

/** Lines of stacks that are none of the user's. */
const isForeign = /[\\/]node_modules[\\/]|\bnode:|<anonymous>\)?$/;

/**
 * Message and stack, without the runner's own lines in it: runners leave those out too. Jest may have
 * two errors for one: what was thrown, and one that says where.
 */
function textOf(error: unknown): string {
  const [thrown, made]: unknown[] = Array.isArray(error) ? error : [error];
  const stack = stackOf(thrown) ?? (thrown === undefined ? stackOf(made) : undefined);
  const text = stripVTControlCharacters(stack ?? messageOf(thrown ?? made))
    .split('\n')
    .filter((line) => !(/^\s+at /.test(line) && isForeign.test(line)))
    .join('\n');
  return text.length > longestError ? `${text.slice(0, longestError - 1)}…` : text;
}

/** Of errors of any realm. */
function stackOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return undefined;
  return typeof error.stack === 'string' && error.stack !== '' ? error.stack : undefined;
}
