import { createConnection, type Socket } from 'node:net';
import type { Endpoint } from '../../postgres/endpoint';

/** How long until a server that took no connection is tried again, first while it starts. */
const startingMs = 4;
const laterMs = 100;
/** Where a connection takes long, as to another machine, they must not take up what little there is. */
const pauseFactor = 4;
/** Only a server answers: a port that an engine publishes takes connections without one. */
const askMs = 1000;
/** How long a server must have answered until a connection to it may stay open, unless it is known. */
const settleMs = 5000;
/** A server ends a client that says nothing for a minute (authentication_timeout). */
const renewMs = 30_000;

/**
 * "Message Formats" in PostgreSQL's manual. A server answers it, even while it starts up or shuts
 * down, before it knows who asks, logs nothing of it, and counts no connection.
 */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
/** A server that speaks TLS would log that it has not come to that. Of Kerberos it logs nothing. */
const gssRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);

/**
 * Sees whether a server takes connections: as long as it does, one idle connection stays open, and
 * its end tells the end of the server, whoever ended it.
 *
 * A server that shuts down waits for connections that were made while it started or shut down, and it
 * answers those, too. So while it may do either, connections are short.
 */
export class Heartbeat {
  readonly #server: Endpoint;
  readonly #request: Buffer;
  readonly #onChange: (isAlive: boolean) => void;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #askedAt = 0;
  #isAlive = false;
  #intervalMs = startingMs;
  #runs = false;
  /** Whether a connection stays open now. */
  #holds = false;
  /** Since when it has not been known to be up for good; infinity: it is about to end. */
  #unsettledSince = 0;

  constructor(o: {
    server: Endpoint;
    speaksTls: boolean;
    /** Hears when the server begins or ceases to take connections. */
    onChange: (isAlive: boolean) => void;
  }) {
    this.#server = o.server;
    this.#request = o.speaksTls ? gssRequest : sslRequest;
    this.#onChange = o.onChange;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The server is being started. */
  start(): void {
    this.#intervalMs = startingMs;
    this.#runs = true;
    this.#unsettle(performance.now());
    this.#tryNow();
  }

  /** The server is known to be up: it has answered a query. */
  settle(): void {
    if (!this.#runs || this.#holds) return;
    this.#holds = true;
    this.#tryNow();
  }

  /** The server is known to have ended. */
  stop(): void {
    this.#runs = false;
    this.#drop();
    this.#tell(false);
  }

  /** The server waits for its clients to leave, and this is one of them. */
  leave(): void {
    if (!this.#runs) return;
    this.#unsettle(Number.POSITIVE_INFINITY);
    this.#drop();
    this.#tryLater(laterMs);
  }

  /** Somebody could not connect. */
  doubt(): void {
    if (this.#runs) this.#tryNow();
  }

  #unsettle(since: number): void {
    this.#holds = false;
    this.#unsettledSince = since;
  }

  #tryNow(): void {
    this.#drop();
    const socket = createConnection({ ...this.#server, noDelay: true });
    this.#socket = socket;
    this.#askedAt = performance.now();
    socket.setTimeout(this.#isAlive ? 0 : askMs, () => socket.destroy());
    socket.on('connect', () => socket.write(this.#request));
    socket.on('data', () => {
      this.#tell(true);
      if (socket !== this.#socket) return;
      this.#holds ||= performance.now() - this.#unsettledSince > settleMs;
      if (!this.#holds) socket.destroy();
      else socket.setTimeout(renewMs, () => this.#tryNow());
    });
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#closed(socket));
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    const wasAnswered = socket.bytesRead > 0;
    if (wasAnswered && this.#holds) {
      // It ends, or it has ended all its clients, as when one of them has crashed.
      this.#unsettle(performance.now());
      this.#tryNow();
    } else if (wasAnswered) {
      this.#tryLater(Math.max(laterMs, pauseFactor * (performance.now() - this.#askedAt)));
    } else {
      if (this.#isAlive) this.#intervalMs = laterMs;
      this.#holds = false;
      this.#tell(false);
      if (this.#runs) this.#tryLater(this.#intervalMs);
    }
  }

  #tryLater(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tryNow(), ms);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #tell(isAlive: boolean): void {
    if (isAlive === this.#isAlive) return;
    this.#isAlive = isAlive;
    this.#onChange(isAlive);
  }
}
