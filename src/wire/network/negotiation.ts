import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { openingOf } from '../protocol/opening';
import type { Encryption } from './encryption';
import type { Shaper } from './shaper';

/** As long as a server gives a client for all of its login (authentication_timeout). */
const handshakeMs = 60_000;
const yes = 'S'.charCodeAt(0);
const no = 'N'.charCodeAt(0);
const nothing = Buffer.alloc(0);

interface NegotiationOptions {
  readonly near: Socket;
  readonly far: Socket;
  readonly encryption: Encryption;
  /** That of a direction, if it is slowed. */
  readonly shaper: (direction: 'up' | 'down') => Shaper | undefined;
  /** TLS begins: from now on they are spoken to through these, and fail as these do. */
  readonly onClient: (client: TLSSocket) => void;
  readonly onServer: (server: TLSSocket) => void;
  /** All is said, and what follows is for the other end. Nothing of it has been read. */
  readonly onEnd: () => void;
  /** The client does not go on, or takes too long. */
  readonly onFailed: () => void;
}

/**
 * What a client and a server say before the start-up packet: whether they encrypt what follows. The
 * server decides, and its answers are passed on. If it says yes, the wire speaks TLS with both. See
 * "SSL Session Encryption" in PostgreSQL's manual, chapter "Message Flow".
 */
export class Negotiation {
  readonly #o: NegotiationOptions;
  /** Of the client's, what has not been passed on. */
  #seen: Buffer = nothing;
  #asked: 'ssl' | 'gss' | undefined;
  /** The server has said yes. */
  #isAgreed = false;
  /** Who may speak now. */
  #listensTo: { readonly near: boolean; readonly far: boolean } = { near: true, far: true };
  /** Somebody speaks, and is heard at that time: packets may be slowed. */
  #next: { readonly work: () => void; at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #isHeld = true;
  #isOver = false;

  /** Neither end is being read, and none is until `hold(false)`. */
  constructor(o: NegotiationOptions) {
    this.#o = o;
    o.near.on('data', this.#fromClient).on('end', this.#clientEnds);
    o.far.on('data', this.#fromServer).on('end', this.#serverEnds);
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#goOn();
  }

  /** What was slowed is slowed no more. */
  hurry(): void {
    if (this.#next) this.#next.at = 0;
    this.#goOn();
  }

  /** Nobody is heard any more. */
  close(): void {
    this.#isOver = true;
    this.#next = undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#limit);
    this.#stopListening();
  }

  readonly #fromClient = (chunk: Buffer): void => {
    this.#seen = Buffer.concat([this.#seen, chunk]);
    const opening = this.#isAgreed ? 'direct' : openingOf(this.#seen);
    if (opening === 'incomplete') return;
    if (opening === 'direct') {
      this.#limitTime();
      this.#stopListening();
      this.#hear('up', this.#seen.length, () => this.#encrypt());
    } else if (opening === 'plain') {
      this.#goOnPlainly();
    } else {
      this.#asked = opening;
      const request = this.#seen;
      this.#seen = nothing;
      this.#listensTo = { near: false, far: true };
      this.#hear('up', request.length, () => this.#o.far.write(request));
    }
  };

  /** The answer is one byte, unless something is wrong. */
  readonly #fromServer = (answer: Buffer): void => {
    this.#hear('down', answer.length, () => {
      this.#o.near.write(answer);
      const said = answer.length === 1 ? answer[0] : undefined;
      this.#isAgreed = said === yes && this.#asked === 'ssl';
      if (this.#isAgreed) this.#limitTime();
      const isRefused = said === no && this.#asked !== undefined;
      this.#asked = undefined;
      this.#listensTo = { near: true, far: true };
      if (!this.#isAgreed && !isRefused) this.#goOnPlainly();
    });
  };

  readonly #clientEnds = (): void => {
    this.#o.far.end();
  };

  readonly #serverEnds = (): void => {
    this.#o.near.end();
  };

  /** The start-up packet follows, or what nobody here can read. */
  #goOnPlainly(): void {
    const { near, onEnd } = this.#o;
    this.close();
    if (this.#seen.length > 0) near.unshift(this.#seen);
    onEnd();
  }

  /** The client has begun. If the server hangs now, so does the client. */
  #encrypt(): void {
    const { far, encryption, onServer } = this.#o;
    const server = encryption.withServer(far);
    onServer(server);
    server.once('secureConnect', () => {
      if (this.#isOver) return;
      const knowsProtocol = server.alpnProtocol !== false;
      this.#hear('down', this.#seen.length, () => this.#encryptForClient(knowsProtocol));
    });
  }

  #encryptForClient(knowsProtocol: boolean): void {
    const { near, encryption, onClient, onEnd, onFailed } = this.#o;
    near.unshift(this.#seen);
    const client = encryption.withClient(near, { knowsProtocol });
    onClient(client);
    client.once('secure', () => {
      if (this.#isOver) return;
      this.close();
      // A server refuses it as well.
      if (!this.#isAgreed && !client.alpnProtocol) onFailed();
      else onEnd();
    });
  }

  #limitTime(): void {
    this.#limit ??= setTimeout(() => {
      // The server itself ends who takes too long, and is heard when nobody is held any more.
      if (!this.#isHeld) this.#o.onFailed();
    }, handshakeMs);
  }

  /** `work` is done when that many bytes have made their way; until then nobody else is heard. */
  #hear(direction: 'up' | 'down', bytes: number, work: () => void): void {
    this.#next = { work, at: this.#o.shaper(direction)?.timeFor(bytes, 0) ?? 0 };
    this.#goOn();
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    while (this.#next && !this.#isHeld && this.#next.at <= performance.now()) {
      const { work } = this.#next;
      this.#next = undefined;
      work();
    }
    if (this.#isOver) return;
    const { near, far } = this.#o;
    for (const [end, speaks] of [
      [near, this.#listensTo.near],
      [far, this.#listensTo.far],
    ] as const) {
      if (speaks && !this.#isHeld && !this.#next) end.resume();
      else end.pause();
    }
    if (this.#next && !this.#isHeld) {
      this.#timer = setTimeout(() => this.#goOn(), Math.ceil(this.#next.at - performance.now()));
    }
  }

  #stopListening(): void {
    const { near, far } = this.#o;
    this.#listensTo = { near: false, far: false };
    near.off('data', this.#fromClient).off('end', this.#clientEnds).pause();
    far.off('data', this.#fromServer).off('end', this.#serverEnds).pause();
  }
}
