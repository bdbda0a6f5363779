import { type EventEmitter, errorMonitor } from 'node:events';
import { Socket } from 'node:net';
import { formatMs } from '../base/deadline';
import { codeOf, messageOf } from '../base/errors';
import type { ClusterEvent } from '../cluster/timeline';
import type { Endpoint } from '../postgres/endpoint';

/**
 * What node-postgres emits when a server goes away; the codes are PostgreSQL's ("admin shutdown",
 * "crash shutdown").
 */
const words =
  /^(Connection terminated|Client has encountered a connection error|terminating connection)/;
const codes = ['57P01', '57P02'];
/** What any socket says, whatever it leads to. */
const socketCodes = ['ECONNRESET', 'EPIPE'];

/** Acts that end connections. */
const endsConnections =
  /^(kill|stop|restart|drop|exhaust|failover|switchover|rejoin|remove|reset|restore|disconnect|reconnect|silence|heal)/;
/** How long ago such an act may be to be the cause. */
const recentMs = 10_000;

/** What sockets to a cluster have emitted. */
const seen = new WeakSet<object>();
const watched = new WeakSet<Socket>();

/** From now on it is known of the errors of open sockets to these endpoints whose they are. */
export function watchSockets(endpoints: readonly Endpoint[]): void {
  for (const socket of openSockets()) {
    if (watched.has(socket)) continue;
    const address = socket.remoteAddress?.replace(/^::ffff:/, '');
    if (!endpoints.some(({ host, port }) => host === address && port === socket.remotePort))
      continue;
    watched.add(socket);
    // No listener in Node's sense: an error that nobody else listens to is still thrown.
    const emitter: EventEmitter = socket;
    emitter.on(errorMonitor, (error: object) => seen.add(error));
  }
}

/** Those that keep the process alive; Node has no other way to find sockets that others have made. */
function openSockets(): Socket[] {
  const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => unknown[] };
  return (handles?.call(process) ?? []).filter((handle) => handle instanceof Socket);
}

/**
 * Whether what was thrown is the loss of a connection to one of these endpoints. Undefined: it is
 * that of some socket.
 */
export function isLossOf(endpoints: readonly Endpoint[], error: unknown): boolean | undefined {
  const emitted = emittedBy(error);
  if (typeof emitted !== 'object' || emitted === null) return false;
  if (seen.has(emitted)) return true;
  // That of a connect says where to, and a pool's says of which client.
  const { address, client, port } = emitted as {
    address?: unknown;
    client?: unknown;
    port?: unknown;
  };
  if (address !== undefined) {
    return endpoints.some((endpoint) => endpoint.host === address && endpoint.port === port);
  }
  if (socketCodes.includes(codeOf(emitted) ?? '')) return undefined;
  if (!codes.includes(codeOf(emitted) ?? '') && !words.test(messageOf(emitted))) return false;
  const { port: clientPort } = (client ?? {}) as { port?: unknown };
  return clientPort === undefined || endpoints.some((endpoint) => endpoint.port === clientPort);
}

/**
 * Adds to an exception that nobody caught, if it is that of a lost connection to the cluster, by
 * what it was lost, and what to do.
 */
export function explainLostConnection(
  error: unknown,
  endpoints: readonly Endpoint[],
  timeline: readonly ClusterEvent[],
): void {
  if (!(typeof error === 'object' && error !== null && 'message' in error)) return;
  const cause = timeline.findLast(
    ({ act, endedAt = Date.now() }) => endsConnections.test(act) && endedAt > Date.now() - recentMs,
  );
  const isOurs = isLossOf(endpoints, error);
  if (isOurs === false || (isOurs === undefined && !cause)) return;
  const by = cause
    ? `${formatMs(Date.now() - cause.startedAt)} after "${cause.act}"${cause.node ? ` of ${cause.node}` : ''} began`
    : 'while nothing was being done to the cluster';
  const what = isOurs ? 'A connection to the cluster' : 'A connection, perhaps one to the cluster,';
  const former = String(error.message);
  const emitted = emittedBy(error);
  const message = `${messageOf(emitted)}\n${what} was lost ${by}. ${remedyFor(emitted)}`;
  error.message = message;
  // Jest shows the stack, whose head was written when the error was made.
  if ('stack' in error) error.stack = String(error.stack).replace(former, () => message);
}

/** What the user lacks: pools put the client to an error that they emit, clients do not. */
export function remedyFor(error: unknown): string {
  const ofPool = typeof error === 'object' && error !== null && 'client' in error;
  return ofPool
    ? "Nobody listened to the 'error' event of its pool: pool.on('error', () => {}). End pools in afterAll."
    : "Nobody listened to the 'error' event of its client. That of a pool hears only of clients that are idle; for those that are checked out: pool.on('connect', (client) => client.on('error', () => {})). End pools and clients in afterAll.";
}

/**
 * What an emitter emitted as `error`: one that is no Error of the emitter's realm, as those of
 * Jest's sandbox are not, comes in another one, as its `context`.
 */
export function emittedBy(error: unknown): unknown {
  const wraps = codeOf(error) === 'ERR_UNHANDLED_ERROR';
  return wraps ? (error as { readonly context?: unknown }).context : error;
}
