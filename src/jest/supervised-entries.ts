import type { Circus } from '@jest/types';
import { messageOf } from '../base/errors';
import type { SupervisedHook, SupervisedTest } from '../runner/supervised';
import { fullName } from './test-names';

const tests = new WeakMap<Circus.TestEntry, SupervisedTest>();
const hooks = new WeakMap<Circus.Hook, SupervisedHook>();

/** One of Jest's tests; the same object for each of its events. */
export function supervisedTest(entry: Circus.TestEntry): SupervisedTest {
  const test = tests.get(entry) ?? {
    name: fullName(entry),
    get attempt() {
      return Math.max(1, entry.invocations);
    },
    // Another array for each attempt. Jest does not run a test that already has an error.
    get errors() {
      return entry.errors;
    },
    get timedOut() {
      return entry.errors.some(isTimeout);
    },
  };
  tests.set(entry, test);
  return test;
}

export function supervisedHook(entry: Circus.Hook): SupervisedHook {
  const hook = hooks.get(entry) ?? {
    type: entry.type,
    block: fullName(entry.parent) || null,
    get isUsers() {
      return isUsers(entry);
    },
  };
  hooks.set(entry, hook);
  return hook;
}

/** Jest marks a timeout by nothing but this text. */
function isTimeout(error: Circus.TestError): boolean {
  const [thrown, made] = Array.isArray(error) ? error : [error, undefined];
  return /Exceeded timeout of/.test(messageOf(thrown ?? made));
}

/** Jest itself has a beforeEach in each file, and libraries may have some. */
function isUsers({ asyncError }: Circus.Hook): boolean {
  const stack = asyncError.stack ?? '';
  return stack.split('\n').some((line) => /^\s+at /.test(line) && !isForeign.test(line));
}

const isForeign = /[\\/]node_modules[\\/]|\bnode:|<anonymous>\)?$/;
