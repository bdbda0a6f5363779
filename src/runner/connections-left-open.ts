import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import type { Endpoint } from '../postgres/endpoint';
import { emittedBy, isLossOf, remedyFor, watchSockets } from './lost-connections';
import { hearThrown } from './thrown-errors';

/** Clients may hear this much later that their server has ended. */
const graceMs = 1000;

/** A cluster that ends while connections to it may still be open. */
interface Ending {
  readonly file: string;
  readonly endpoints: readonly Endpoint[];
}

const endings = new Set<Ending>();
/** Undefined while none are expected. */
let stopHearing: (() => void) | undefined;

/**
 * Prints a line for each connection that a file left open, without a listener for errors, and that
 * is lost when the file's cluster ends. Otherwise the error would end the process, and Jest would
 * run the file again.
 */
export function expectLosses(ending: Ending, ended: Promise<unknown>): void {
  watchSockets(ending.endpoints);
  endings.add(ending);
  stopHearing ??= hearThrown(isExpected);
  const done = () => {
    setTimeout(() => {
      endings.delete(ending);
      if (endings.size === 0) release();
    }, graceMs).unref();
  };
  ended.then(done, done);
}

/**
 * The next file has its cluster, perhaps on the same endpoints: losses are that file's from now on.
 */
export function stopExpectingLosses(): void {
  endings.clear();
  release();
}

function release(): void {
  stopHearing?.();
  stopHearing = undefined;
}

function isExpected(error: unknown): boolean {
  const ending = [...endings].find(({ endpoints }) => isLossOf(endpoints, error));
  if (!ending) return false;
  const emitted = emittedBy(error);
  say(
    `after ${ending.file}: a connection that the file had left open was lost when its servers ended (${messageOf(emitted)}). ${remedyFor(emitted)}`,
  );
  return true;
}
