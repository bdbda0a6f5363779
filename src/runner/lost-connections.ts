import { type EventEmitter, errorMonitor } from 'node:events';
import { Socket } from 'node:net';
import { formatMs } from '../base/deadline';
import { codeOf, messageOf } from '../base/errors';
import type { ClusterEvent } from '../cluster/timeline';
import type { Endpoint } from '../postgres/endpoint';

/**
 * How node-postgres words the loss of a server. The codes are PostgreSQL's ("admin shutdown" and
 * "crash shutdown").
 */
const words =
  /^(Connection terminated|Client has encountered a connection error|terminating connection)/;
const codes = ['57P01', '57P02'];
/** Codes that any socket may emit, whatever server it leads to. */
const socketCodes = ['ECONNRESET', 'EPIPE'];

/** Acts that end connections. */
const endsConnections =
  /^(kill|stop|restart|drop|exhaust|failover|switchover|lose|rejoin|remove|reset|restore|disconnect|reconnect|silence|heal)/;
/** An act that ended longer ago than this is not the cause. */
const recentMs = 10_000;

/** The errors that sockets to a cluster have emitted. */
const seen = new WeakSet<object>();
const watched = new WeakSet<Socket>();
/** Open sockets that TLS stands on: if one is lost, TLS has the error, and the socket has none. */
const underTls = new Set<Socket>();

/** Notes the errors of all open sockets to these endpoints, so that they are recognised later. */
export function watchSockets(endpoints: readonly Endpoint[]): void {
  for (const socket of openSockets()) {
    if (watched.has(socket)) {
      watchUnderTls(socket);
      continue;
    }
    const address = socket.remoteAddress?.replace(/^::ffff:/, '');
    if (!endpoints.some(({ host, port }) => host === address && port === socket.remotePort))
      continue;
    watched.add(socket);
    // A monitor does not count as a listener: without one, Node still throws the error.
    const emitter: EventEmitter = socket;
    emitter.on(errorMonitor, (error: object) => seen.add(error));
    watchUnderTls(socket);
  }
}

function watchUnderTls(socket: Socket): void {
  if (underTls.has(socket) || !isUnderTls(socket)) return;
  underTls.add(socket);
  // By then, somebody has heard of the error.
  socket.once('close', () => underTls.delete(socket));
}

/** Node's TLS looks itself whether its socket is read. Nothing else leads from a socket to that. */
function isUnderTls(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: object | null };
  return !!handle && Object.getOwnPropertyDescriptor(handle, 'reading')?.get !== undefined;
}

/** Whether a socket that TLS stands on was destroyed just now, for an error of TLS. */
function isOfTls(error: object): boolean {
  const lost = [...underTls].find(({ destroyed }) => destroyed);
  if (!lost) return false;
  underTls.delete(lost);
  seen.add(error);
  return true;
}

/**
 * The sockets that keep the process alive. Node offers no other way to find other people's sockets.
 */
function openSockets(): Socket[] {
  const { _getActiveHandles: handles } = process as { _getActiveHandles?: () => unknown[] };
  return (handles?.call(process) ?? []).filter((handle) => handle instanceof Socket);
}

/**
 * Whether an error is the loss of a connection to one of these endpoints. Undefined: it is the loss
 * of some connection, and nothing says where that one led.
 */
export function isLossOf(endpoints: readonly Endpoint[], error: unknown): boolean | undefined {
  const emitted = emittedBy(error);
  if (typeof emitted !== 'object' || emitted === null) return false;
  if (seen.has(emitted)) return true;
  // The error of a failed connect carries its address, and that of a pool its client.
  const { address, client, port } = emitted as {
    address?: unknown;
    client?: unknown;
    port?: unknown;
  };
  if (address !== undefined) {
    return endpoints.some((endpoint) => endpoint.host === address && endpoint.port === port);
  }
  if (socketCodes.includes(codeOf(emitted) ?? '')) return isOfTls(emitted) || undefined;
  if (!codes.includes(codeOf(emitted) ?? '') && !words.test(messageOf(emitted))) return false;
  const { port: clientPort } = (client ?? {}) as { port?: unknown };
  return clientPort === undefined || endpoints.some((endpoint) => endpoint.port === clientPort);
}

/**
 * If an uncaught exception is a lost connection to the cluster, adds to its message which act cost
 * the connection, and what to do.
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
  // Jest shows the stack, which still starts with the message that the error was made with.
  if ('stack' in error) error.stack = String(error.stack).replace(former, () => message);
}

/**
 * Says which listener is missing: errors that pools emit carry a `client`, those of clients do not.
 */
export function remedyFor(error: unknown): string {
  const ofPool = typeof error === 'object' && error !== null && 'client' in error;
  return ofPool
    ? "Nobody listened to the 'error' event of its pool: pool.on('error', () => {}). End pools in afterAll."
    : "Nobody listened to the 'error' event of its client. A pool's own 'error' event covers only idle clients; for clients that are checked out: pool.on('connect', (client) => client.on('error', () => {})). End pools and clients in afterAll.";
}

/**
 * The error that an emitter emitted. Node wraps what is no Error of its own realm, such as the
 * errors of Jest's sandbox, in another error, and puts it into that one's `context`.
 */
export function emittedBy(error: unknown): unknown {
  const wraps = codeOf(error) === 'ERR_UNHANDLED_ERROR';
  return wraps ? (error as { readonly context?: unknown }).context : error;
}
