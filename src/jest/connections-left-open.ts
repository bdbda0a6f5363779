import type { EventEmitter } from 'node:events';
import { messageOf } from '../base/errors';
import { say } from '../base/progress';
import type { Endpoint } from '../postgres/endpoint';
import { emittedBy, isLossOf, remedyFor, watchSockets } from './lost-connections';

/** How long after a server has ended its clients may hear of it. */
const graceMs = 1000;

/** A cluster that is being taken away from connections which may still be open. */
interface Ending {
  readonly file: string;
  readonly endpoints: readonly Endpoint[];
}

const endings = new Set<Ending>();

/**
 * While a cluster's servers end after its file: what that file has left open and nobody listens to
 * is told of. It would end the process, and Jest would run the file again.
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

/** Another file has a cluster now, maybe on the same endpoints: its losses are its own. */
export function stopExpectingLosses(): void {
  endings.clear();
  release();
}

const emitter: EventEmitter = process;
type Emit = EventEmitter['emit'];

/** Ours, and the property that was there before; there need not have been one. */
let intercepting:
  | { readonly ours: Emit; readonly former: PropertyDescriptor | undefined }
  | undefined;

/**
 * Process.on('uncaughtException') would not do: other listeners would hear of it too, and Jest's,
 * in a worker, ends the process. Nor would taking those away: who removes one of them, or has said
 * `once`, must be right.
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

/** If somebody has come between, ours stays, and passes everything on. */
function release(): void {
  if (intercepting && emitter.emit === intercepting.ours) putBack(intercepting.former);
  intercepting = undefined;
}

function putBack(former: PropertyDescriptor | undefined): void {
  if (former) Object.defineProperty(emitter, 'emit', former);
  else Reflect.deleteProperty(emitter, 'emit');
}

function isExpected(error: unknown): boolean {
  const ending = [...endings].find(({ endpoints }) => isLossOf(endpoints, error));
  if (!ending) return false;
  const emitted = emittedBy(error);
  say(
    `after ${ending.file}: a connection was lost that it had left open, when its servers ended (${messageOf(emitted)}). ${remedyFor(emitted)}`,
  );
  return true;
}
