import type { EventEmitter } from 'node:events';
import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import type { Endpoint } from '../postgres/endpoint';
import { emittedBy, isLossOf, remedyFor, watchSockets } from './lost-connections';

/** Clients may hear this much later that their server has ended. */
const graceMs = 1000;

/** A cluster that ends while connections to it may still be open. */
interface Ending {
  readonly file: string;
  readonly endpoints: readonly Endpoint[];
}

const endings = new Set<Ending>();

/**
 * Prints a line for each connection that a file left open, without a listener for errors, and that
 * is lost when the file's cluster ends. Otherwise the error would end the process, and Jest would
 * run the file again.
 */
export function expectLosses(ending: Ending, ended: Promise<unknown>): void {
  watchSockets(ending.endpoints);
  endings.add(ending);
  intercept();
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

const emitter: EventEmitter = process;
type Emit = EventEmitter['emit'];

/** Our `emit`, and the own property that it replaced, if there was one. */
let intercepting:
  | { readonly ours: Emit; readonly former: PropertyDescriptor | undefined }
  | undefined;

/**
 * Replaces `process.emit`. A listener for 'uncaughtException' is not enough, because the others
 * hear of the error too, and Jest's own ends a worker. Taking the others away for a while is wrong
 * as well: whoever removes one of them meanwhile, or added it by `once`, would be surprised.
 */
function intercept(): void {
  if (intercepting) return;
  const { emit } = emitter;
  const ours: Emit = (event, ...args) => {
    const thrown = event === 'uncaughtException' || event === 'unhandledRejection';
    return (thrown && isExpected(args[0])) || emit.call(emitter, event, ...args);
  };
  intercepting = { ours, former: Object.getOwnPropertyDescriptor(emitter, 'emit') };
  emitter.emit = ours;
}

/** If somebody else has wrapped our `emit` since, it stays, and passes everything on. */
function release(): void {
  if (intercepting && emitter.emit === intercepting.ours) redefineEmit(intercepting.former);
  intercepting = undefined;
}

function redefineEmit(former: PropertyDescriptor | undefined): void {
  if (former) Object.defineProperty(emitter, 'emit', former);
  else Reflect.deleteProperty(emitter, 'emit');
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
