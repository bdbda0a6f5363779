import type { ClusterEvent } from './cluster/timeline';
import { formatMs } from './deadline';
import { codeOf, messageOf } from './errors';
import { say } from './progress';

/**
 * What node-postgres emits when a server goes away; the codes are PostgreSQL's ("admin shutdown",
 * "crash shutdown").
 */
const words =
  /^(Connection terminated|Client has encountered a connection error|terminating connection)/;
const codes = ['57P01', '57P02'];
/** What any socket says, be it to PostgreSQL or to something else. */
const socketCodes = ['ECONNRESET', 'EPIPE'];

const remedy =
  "Nobody listened to its 'error' event: give every pool and client a listener, such as pool.on('error', () => {}), and end them in afterAll.";

/** Acts that end connections. */
const endsConnections =
  /^(kill|stop|restart|drop|exhaust|failover|switchover|rejoin|remove|reset|restore|disconnect|reconnect|silence|heal)/;
/** How long ago such an act may be to be the cause. */
const recentMs = 10_000;
/** How long after a server has ended its clients may hear of it. */
const graceMs = 1000;

/**
 * Adds to an exception that nobody caught, if it is that of a lost connection to the cluster, by
 * what it was lost, and what to do.
 */
export function explainLostConnection(error: unknown, timeline: readonly ClusterEvent[]): void {
  if (!(typeof error === 'object' && error !== null && 'message' in error)) return;
  const cause = timeline.findLast(
    ({ act, endedAt = Date.now() }) => endsConnections.test(act) && endedAt > Date.now() - recentMs,
  );
  const emitted = emittedBy(error);
  if (!isOfPostgres(emitted) && !(cause && isOfSocket(emitted))) return;
  const by = cause
    ? `${formatMs(Date.now() - cause.startedAt)} after "${cause.act}"${cause.node ? ` of ${cause.node}` : ''} began`
    : 'while nothing was being done to the cluster';
  const former = String(error.message);
  const message = `${messageOf(emitted)}\nA connection to the cluster was lost ${by}. ${remedy}`;
  error.message = message;
  // Jest shows the stack, whose head was written when the error was made.
  if ('stack' in error) error.stack = String(error.stack).replace(former, () => message);
}

/** How many clusters are being taken away just now, from connections that may still be open. */
let endings = 0;
let lastFile = '';
/** Who listened before us: in a worker Jest does, and ends the process. */
let others: NodeJS.UncaughtExceptionListener[] = [];

/**
 * While a cluster's servers end after its file: what that file has left open and nobody listens to
 * is told of. It would end the process, and Jest would run the file again.
 */
export function expectLostConnections(file: string, ending: Promise<unknown>): void {
  endings += 1;
  lastFile = file;
  // For good: Jest takes listeners away while tests run, and puts them back.
  if (!process.listeners('uncaughtException').includes(onUncaught)) {
    others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', onUncaught);
  }
  const done = () => {
    setTimeout(() => {
      endings -= 1;
    }, graceMs).unref();
  };
  ending.then(done, done);
}

function onUncaught(error: Error, origin: NodeJS.UncaughtExceptionOrigin): void {
  const emitted = emittedBy(error);
  if (endings > 0 && (isOfPostgres(emitted) || isOfSocket(emitted))) {
    say(
      `after ${lastFile}: a connection was lost that it had left open, when its servers ended (${messageOf(emitted)}). ${remedy}`,
    );
    return;
  }
  for (const other of others) other(error, origin);
  if (process.listenerCount('uncaughtException') + others.length > 1) return;
  // As if nobody had listened.
  process.removeListener('uncaughtException', onUncaught);
  setImmediate(() => {
    throw error;
  });
}

/**
 * What an emitter emitted as `error`: one that is no Error of the emitter's realm, as those of
 * Jest's sandbox are not, comes in another one, as its `context`.
 */
function emittedBy(error: unknown): unknown {
  const wraps = codeOf(error) === 'ERR_UNHANDLED_ERROR';
  return wraps ? (error as { readonly context?: unknown }).context : error;
}

function isOfPostgres(error: unknown): boolean {
  return codes.includes(codeOf(error) ?? '') || words.test(messageOf(error));
}

function isOfSocket(error: unknown): boolean {
  return socketCodes.includes(codeOf(error) ?? '');
}
