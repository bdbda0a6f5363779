import { readStartup } from './startup';

/** A start-up packet is never longer (MAX_STARTUP_PACKET_LENGTH). */
const longest = 10_000;
/** The server's answer to a request for encryption: it has none. */
const no = 'N'.charCodeAt(0);
const nothing = Buffer.alloc(0);

/** How it ends: with a start-up packet, or with what nobody here can read. */
export type LoginEnd =
  | 'opaque'
  | { readonly parameters: ReadonlyMap<string, string>; readonly rest: Buffer };

/** What a client and a server say before their messages have types. All of it passes. */
export class Login {
  #seen = nothing;
  #waitsForAnswer = false;

  /** undefined: it goes on */
  fromClient(chunk: Buffer): LoginEnd | undefined {
    this.#seen = this.#seen.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#seen, chunk]);
    if (!this.#waitsForAnswer) return this.#read();
    // Who does not wait for the answer goes on as if it were no.
    return this.#seen.length > longest ? 'opaque' : undefined;
  }

  /** A byte of the server's: it answers a request with one. */
  fromServer(byte: number): LoginEnd | undefined {
    if (!this.#waitsForAnswer) return undefined;
    this.#waitsForAnswer = false;
    // Otherwise it is encrypted from now on, or a very old server does not know the request.
    return byte === no ? this.#read() : 'opaque';
  }

  #read(): LoginEnd | undefined {
    const packet = readStartup(this.#seen);
    switch (packet.kind) {
      case 'incomplete':
        return undefined;
      case 'startup':
        return {
          parameters: packet.parameters ?? new Map(),
          rest: this.#seen.subarray(packet.length),
        };
      case 'ssl':
      case 'gss':
        this.#seen = this.#seen.subarray(packet.length);
        this.#waitsForAnswer = true;
        return undefined;
      default:
        return 'opaque';
    }
  }
}
