import { stripVTControlCharacters } from 'node:util';
import type { Circus } from '@jest/types';
import { messageOf } from '../base/errors';
import type { Recorder } from '../report/recording/recorder';
import { fullName } from './test-names';

const longestError = 20_000;

/** Writes down which tests and hooks run, and what becomes of them. */
export class RecordedTests {
  readonly #recorder: Recorder;
  readonly #tests = new Map<Circus.TestEntry, number>();
  readonly #hooks = new Map<Circus.Hook, number>();
  #lastTest = 0;
  #lastHook = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  testBegins(test: Circus.TestEntry): void {
    this.#lastTest += 1;
    this.#tests.set(test, this.#lastTest);
    this.#recorder.write({
      kind: 'test begins',
      test: this.#lastTest,
      name: fullName(test),
      attempt: Math.max(1, test.invocations),
    });
  }

  /** @param since when its first hook may have begun, in milliseconds since the epoch */
  async testEnds(entry: Circus.TestEntry, since: number): Promise<void> {
    const test = this.#tests.get(entry);
    if (test === undefined) return;
    this.#tests.delete(entry);
    const errors = entry.errors.map(textOf);
    const outcome = errors.length > 0 ? 'failed' : 'passed';
    this.#recorder.lookBack();
    this.#recorder.write({ kind: 'test ends', test, outcome, errors });
    if (outcome === 'failed') await this.#recorder.writeLogs(since);
  }

  hookBegins(hook: Circus.Hook): void {
    if (!isUsers(hook)) return;
    this.#lastHook += 1;
    this.#hooks.set(hook, this.#lastHook);
    const block = fullName(hook.parent) || null;
    this.#recorder.write({ kind: 'hook begins', hook: this.#lastHook, type: hook.type, block });
  }

  hookEnds(ended: Circus.Hook, error?: Circus.Exception): void {
    const hook = this.#hooks.get(ended);
    if (hook === undefined) return;
    this.#hooks.delete(ended);
    const text = error === undefined ? null : textOf(error);
    this.#recorder.write({ kind: 'hook ends', hook, error: text });
  }
}

/** Jest itself has a beforeEach in each file, and libraries may have some. */
function isUsers({ asyncError }: Circus.Hook): boolean {
  const stack = asyncError.stack ?? '';
  return stack.split('\n').some((line) => /^\s+at /.test(line) && !isForeign.test(line));
}

const isForeign = /[\\/]node_modules[\\/]|\bnode:|<anonymous>\)?$/;

/** Message and stack, without Jest's own lines in it: Jest leaves those out too. */
function textOf(error: Circus.TestError): string {
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
