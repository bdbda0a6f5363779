import type { EventEmitter } from 'node:events';

/** @returns whether nobody else is to hear of it */
type Listener = (error: unknown) => boolean;

const listeners = new Set<Listener>();
const emitter: EventEmitter = process;
type Emit = EventEmitter['emit'];

/** Our `emit`, and the own property that it replaced, if there was one. */
let intercepting:
  | { readonly ours: Emit; readonly former: PropertyDescriptor | undefined }
  | undefined;

/**
 * Calls `listener` with each error that nobody catches, before any listener of the process hears of
 * it. @returns what ends that
 */
export function hearThrown(listener: Listener): () => void {
  listeners.add(listener);
  intercept();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) release();
  };
}

/**
 * Replaces `process.emit`. A listener for 'uncaughtException' is not enough, because the others
 * hear of the error too, and Jest's own ends a worker; Vitest's own counts whether there are others.
 * Taking the others away for a while is wrong as well: whoever removes one of them meanwhile, or
 * added it by `once`, would be surprised.
 */
function intercept(): void {
  if (intercepting) return;
  const { emit } = emitter;
  const ours: Emit = (event, ...args) => {
    const thrown = event === 'uncaughtException' || event === 'unhandledRejection';
    const isTaken = thrown && [...listeners].some((listener) => listener(args[0]));
    return isTaken || emit.call(emitter, event, ...args);
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
