import type { Socket } from 'node:net';
import type * as Tls from 'node:tls';
import type { TlsIdentity } from '../requests';

/** The name of PostgreSQL's protocol in TLS (ALPN), which clients and servers have from 17 on. */
const protocol = 'postgresql';
/** Any one that the certificate has: the wire knows its servers by their authority. */
const serverName = 'localhost';

/** Speaks TLS: to clients as their server would, with its certificate, and to the server as a client. */
export class Encryption {
  /** Loaded only where TLS is spoken. */
  readonly #tls: typeof Tls = require('node:tls');
  readonly #identity: TlsIdentity;
  #asServer: Tls.SecureContext | undefined;
  #asClient: Tls.SecureContext | undefined;

  constructor(identity: TlsIdentity) {
    this.#identity = identity;
  }

  /**
   * Begins TLS with a client, which begins it with what it says next, or has said: `near` may hold
   * that. `secure` is emitted once nobody else can read what follows.
   */
  withClient(near: Socket, o: { knowsProtocol: boolean }): Tls.TLSSocket {
    const { cert, key } = this.#identity;
    this.#asServer ??= this.#tls.createSecureContext({ cert, key });
    return new this.#tls.TLSSocket(near, {
      isServer: true,
      secureContext: this.#asServer,
      ...(o.knowsProtocol && { ALPNProtocols: [protocol] }),
    });
  }

  /** Begins TLS with the server. `secureConnect` is emitted once it is known to be ours. */
  withServer(far: Socket): Tls.TLSSocket {
    this.#asClient ??= this.#tls.createSecureContext({ ca: this.#identity.ca });
    return this.#tls.connect({
      socket: far,
      secureContext: this.#asClient,
      servername: serverName,
      ALPNProtocols: [protocol],
    });
  }
}
