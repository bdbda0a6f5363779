import { createServer, type Server, type Socket } from 'node:net';

/** A port that is listened on now and then; while it is not, connections are refused. */
export class Listener {
  readonly port: number;
  #take: (socket: Socket) => void;
  #server: Server | undefined;
  #changing: Promise<void> = Promise.resolve();

  /** @param take gets each connection, which reads nothing yet */
  constructor(port: number, take: (socket: Socket) => void) {
    this.port = port;
    this.#take = take;
  }

  /** From now on another one gets the connections. */
  giveTo(take: (socket: Socket) => void): void {
    this.#take = take;
  }

  /** Listens, or does so no more. @throws with the code EADDRINUSE, say */
  set(listens: boolean): Promise<void> {
    this.#changing = this.#changing
      .catch(() => {})
      .then(() => (listens ? this.#open() : this.#close()));
    this.#changing.catch(() => {});
    return this.#changing;
  }

  async #open(): Promise<void> {
    if (this.#server) return;
    const server = createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      (socket) => this.#take(socket),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: this.port, exclusive: true }, () => {
        server.on('error', () => {});
        resolve();
      });
    });
    this.#server = server;
  }

  /** Does not wait for connections: the kernel refuses from now on. */
  async #close(): Promise<void> {
    this.#server?.close();
    this.#server = undefined;
  }
}
