import { createConnection, type Socket } from 'node:net';

/** Who may be kept from whom: the clients of a node, or the other nodes. */
export type Side = 'clients' | 'cluster';

/**
 * A connection through the forwarder: what one end sends, the other gets, and the way one ends, the
 * other ends. While it is held, nothing passes, and neither end is told.
 */
export class ForwardedConnection {
  /** The node that it comes from; empty for clients. */
  origin = '';
  readonly #near: Socket;
  #far: Socket | undefined;
  #held = false;
  #flows = false;
  #silenced = false;
  #port: number | undefined;

  /** @param near where it comes from */
  constructor(
    readonly target: string,
    readonly side: Side,
    near: Socket,
  ) {
    this.#near = near;
    near.pause();
    near.setNoDelay(true);
    near.on('error', () => {});
  }

  /** The port that the server sees it come from. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Calls back when the connection is over. */
  onEnd(listener: () => void): void {
    this.#near.once('close', listener);
  }

  /** Waits for the first packet, and reads it without taking it. */
  async peek(): Promise<Buffer> {
    const first = await new Promise<Buffer>((resolve) => {
      this.#near.once('data', resolve);
      this.#near.once('close', () => resolve(Buffer.alloc(0)));
      this.#near.resume();
    });
    this.#near.pause();
    if (first.length > 0 && !this.#near.destroyed) this.#near.unshift(first);
    return first;
  }

  /**
   * Holds the connection, or lets it go on. It reaches out to the server when it may first go on.
   */
  setHeld(held: boolean, port: number): void {
    this.#held = held;
    if (this.#silenced || this.#near.destroyed) return;
    if (!held && !this.#far) this.#far = this.#connect(port);
    else if (this.#far && !this.#far.connecting) this.#flow();
  }

  /**
   * A silenced connection has lost its server's end, and the other end hears nothing, whatever it
   * sends. When it is silenced no more, what the other end has sent or sends is answered with a
   * reset; until it sends something, it hears nothing.
   */
  setSilenced(silenced: boolean): void {
    if (silenced === this.#silenced) return;
    if (silenced) this.#silence();
    else this.#answerWithReset();
  }

  #silence(): void {
    this.#silenced = true;
    this.#stop();
    this.#far?.resetAndDestroy();
  }

  #answerWithReset(): void {
    const reset = () => this.destroy();
    this.#near.once('data', reset).once('end', reset).resume();
  }

  destroy(): void {
    this.#near.resetAndDestroy();
    this.#far?.resetAndDestroy();
  }

  #connect(port: number): Socket {
    const near = this.#near;
    const far = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true });
    far.setNoDelay(true);
    far.once('connect', () => {
      this.#port = far.localPort;
      this.#flow();
    });
    // Both a reset and a refusal are passed on as a reset.
    far.on('error', () => this.#silenced || near.resetAndDestroy());
    near.on('error', () => far.resetAndDestroy());
    far.on('close', () => this.#silenced || near.destroySoon());
    near.on('close', () => far.destroySoon());
    return far;
  }

  #flow(): void {
    if (this.#held) {
      this.#stop();
      return;
    }
    if (!this.#far || this.#flows) return;
    this.#flows = true;
    this.#near.pipe(this.#far);
    this.#far.pipe(this.#near);
  }

  #stop(): void {
    this.#flows = false;
    for (const socket of [this.#near, this.#far]) {
      socket?.unpipe();
      socket?.pause();
    }
  }
}
