import { createConnection, type Socket } from 'node:net';
import type { Endpoint } from '../../postgres/endpoint';
import type { Session } from '../protocol/session';
import type { ConnectionFilter, Ending } from '../requests';
import type { Encryption } from './encryption';
import { Negotiation } from './negotiation';
import { Pipes } from './pipes';
import type { Shaper } from './shaper';

/** Who connects to a node: its clients, or the other nodes. */
export type Side = 'clients' | 'cluster';

/** What a link is told by the node that it leads to. */
export interface LinkHost {
  readonly side: Side;
  readonly server: Endpoint;
  /** Reads what clients say; undefined: nobody wants to know. */
  readonly newSession: ((host: ConstructorParameters<typeof Session>[1]) => Session) | undefined;
  /** Undefined: what they say is passed on as it is. */
  readonly encryption: Encryption | undefined;
  /** That of a direction, if it is slowed. */
  readonly shaper: (direction: 'up' | 'down') => Shaper | undefined;
  /** The server took no connection. */
  readonly onRefused: () => void;
  readonly onClosed: (link: Link) => void;
}

/**
 * One connection through the wire: what one end sends, the other gets, and the way one ends, the
 * other ends.
 */
export class Link {
  readonly #host: LinkHost;
  readonly #near: Socket;
  readonly #session: Session | undefined;
  #far: Socket | undefined;
  /** What they are spoken to through: the sockets themselves, or TLS on top of them. */
  #client: Socket;
  #server: Socket | undefined;
  #stage: Negotiation | Pipes | undefined;
  #isHeld = false;
  #isSilent = false;

  /** @param near where it comes from; it reads nothing yet */
  constructor(near: Socket, host: LinkHost) {
    this.#host = host;
    this.#near = near;
    this.#client = near;
    this.#session = host.newSession?.({
      toServer: (bytes) => this.#stage instanceof Pipes && this.#stage.toServer(bytes),
      cut: (ending) => this.#cut(ending),
    });
    near.on('error', () => this.#nearFailed());
    near.on('close', () => this.#closed());
  }

  /** What is known of the client. */
  get client(): Session['client'] | undefined {
    return this.#session?.client;
  }

  isOf({ application, pid, user, database }: ConnectionFilter): boolean {
    if (this.#isSilent) return false;
    const { client } = this;
    const isWanted = (wanted: unknown, is: unknown) => wanted === undefined || wanted === is;
    return (
      isWanted(application, client?.applicationName) &&
      isWanted(pid, client?.pid) &&
      isWanted(user, client?.user) &&
      isWanted(database, client?.database)
    );
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Nothing passes while it is held, and neither end is told. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (this.#isSilent || this.#near.destroyed) return;
    if (!isHeld && !this.#far) this.#connect();
    this.#stage?.hold(isHeld);
  }

  /** What was slowed is slowed no more. */
  hurry(): void {
    this.#stage?.hurry();
  }

  /** The server's end is lost, and the client hears nothing, whatever it sends. */
  silence(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#stage?.close();
    this.#client.pause();
    this.#far?.resetAndDestroy();
    this.#session?.ended();
  }

  /**
   * What a silenced client has sent, or sends, is answered with a reset; until it sends something
   * it hears nothing.
   */
  endSilence(): void {
    if (!this.#isSilent) return;
    const reset = () => this.reset();
    this.#client.once('data', reset).once('end', reset).resume();
  }

  reset(): void {
    this.#near.resetAndDestroy();
    this.#far?.resetAndDestroy();
  }

  /** Both ends hear that the other one has nothing more to say. */
  end(): void {
    this.#stage?.close();
    this.#client.destroySoon();
    this.#server?.destroySoon();
  }

  #connect(): void {
    const near = this.#near;
    const far = createConnection({ ...this.#host.server, allowHalfOpen: true, noDelay: true });
    this.#far = far;
    this.#server = far;
    let isConnected = false;
    far.once('connect', () => {
      isConnected = true;
      const { encryption } = this.#host;
      if (encryption) this.#negotiate(near, far, encryption);
      else this.#join(near, far);
    });
    far.on('error', () => {
      if (!isConnected) this.#host.onRefused();
      // A refusal is passed on as a reset: this connection has been taken.
      this.#farFailed();
    });
    far.on('close', () => {
      if (!this.#isSilent) this.#client.destroySoon();
    });
  }

  #negotiate(near: Socket, far: Socket, encryption: Encryption): void {
    const { shaper } = this.#host;
    this.#stage = new Negotiation({
      ...{ near, far, encryption, shaper },
      onClient: (client) => {
        this.#client = client.on('error', () => this.#nearFailed());
      },
      onServer: (server) => {
        this.#server = server.on('error', () => this.#farFailed());
      },
      onEnd: () => this.#join(this.#client, this.#server ?? far),
      onFailed: () => this.end(),
    });
    this.hold(this.#isHeld);
  }

  #join(client: Socket, server: Socket): void {
    const { shaper } = this.#host;
    this.#stage = new Pipes({ client, server, session: this.#session, shaper });
    this.hold(this.#isHeld);
  }

  #cut(ending: Ending): void {
    if (ending === 'reset') this.reset();
    else if (ending === 'silence') this.silence();
    else this.end();
  }

  #nearFailed(): void {
    if (!this.#isSilent) this.#far?.resetAndDestroy();
  }

  #farFailed(): void {
    if (!this.#isSilent) this.#near.resetAndDestroy();
  }

  #closed(): void {
    if (this.#stage instanceof Negotiation) this.#stage.close();
    if (!this.#isSilent) this.#session?.ended();
    this.#server?.destroySoon();
    this.#host.onClosed(this);
  }
}
