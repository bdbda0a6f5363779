import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below the ephemeral ranges of Linux (32768–60999) and macOS (49152–65535). Inside those ranges
 * any outgoing connection could take the port of a node that is stopped for a while.
 */
const first = 20_000;
const size = 100;
const count = 118;
/** Whoever listens on this port plus the number of a block has the block for itself. */
const firstClaim = first + size * count;

export const portRange = { first, last: firstClaim - 1 };

/**
 * Ports that no other process of this package uses meanwhile. A port is given to a node long before
 * the node listens on it, so to look whether it is free is not enough when several workers start
 * clusters. The claim is a socket that listens: the kernel gives it up however this process ends.
 */
export class PortBlock {
  readonly #claim: Server;
  readonly #unused: number[];
  readonly #given = new Set<number>();

  private constructor(number: number, claim: Server) {
    this.#claim = claim;
    this.#unused = Array.from({ length: size }, (_, index) => first + number * size + index);
  }

  /** Undefined when other processes have all blocks. */
  static async claim(): Promise<PortBlock | undefined> {
    const start = randomInt(count);
    for (let tried = 0; tried < count; tried += 1) {
      const number = (start + tried) % count;
      const claim = await listen(firstClaim + number);
      if (claim) return new PortBlock(number, claim);
    }
    return undefined;
  }

  /** The one that has been unused for the longest time; undefined when all are in use. */
  take(): number | undefined {
    const port = this.#unused.shift();
    if (port !== undefined) this.#given.add(port);
    return port;
  }

  /** Whether the port was one of this block's that were taken. */
  giveBack(port: number): boolean {
    if (!this.#given.delete(port)) return false;
    this.#unused.push(port);
    return true;
  }

  get isInUse(): boolean {
    return this.#given.size > 0;
  }

  /** Other processes may have the block. */
  end(): void {
    this.#claim.close();
  }
}

/** Undefined if somebody else listens there. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.on('error', () => {});
      // A claim does not keep the process alive.
      server.unref();
      resolve(server);
    });
  });
}
