import { isIPv4 } from 'node:net';

/** So many nodes are named in /etc/hosts. One with a higher number, after that many were added and removed, is found by DNS alone. */
const named = 64;
/** The container that data are prepared in. */
export const preparing = 'prepare';

/** Where a container is on its cluster's network, for its life. */
export interface FixedAddress {
  readonly ip: string;
  /** It stays the same after each start, since others remember it for seconds. */
  readonly mac: string;
}

/**
 * Fixed addresses on the network of a cluster, for when they have to be known before containers run:
 *
 * - where nodes cannot be found at once otherwise. Podman's DNS does not answer for seconds after a
 *   container stops, and a slave that waits for it can be neither promoted nor turned to another
 *   upstream. Docker's DNS answers.
 * - where this process goes to nodes by their addresses, as it is on that network, too.
 */
export class FixedAddresses {
  readonly #network: number;
  /** The addresses before it belong to the gateway, to this process and what it prepares, or to the engine. */
  readonly #first: number;
  readonly #count: number;

  private constructor(network: number, size: number) {
    this.#network = network;
    this.#first = size < 256 ? 4 : 16;
    // The last one is for broadcasts.
    this.#count = Math.min(size, 256) - this.#first - 1;
  }

  /** Undefined for a network that has no IPv4 addresses, or too few. */
  static in(subnet: string | undefined): FixedAddresses | undefined {
    const [ip = '', bits = ''] = (subnet ?? '').split('/');
    if (!isIPv4(ip) || !(Number(bits) <= 28)) return undefined;
    const network = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    return new FixedAddresses(network, 2 ** (32 - Number(bits)));
  }

  /** The upper half of a network, if none of these addresses is there. */
  static rangeBeside(subnet: string | undefined): string | undefined {
    const network = FixedAddresses.in(subnet);
    const bits = Number(subnet?.split('/')[1]);
    return network && bits < 24 ? `${network.#at(2 ** (31 - bits)).ip}/${bits + 1}` : undefined;
  }

  /** Of a node, or of {@link preparing}; undefined if there are no more. */
  of(name: string): FixedAddress | undefined {
    if (name === preparing) return this.#at(3);
    const number = Number(/^pg(\d+)$/.exec(name)?.[1]);
    return number < this.#count ? this.#at(this.#first + number) : undefined;
  }

  /** Of this process, if it is on that network itself. */
  get own(): string {
    return this.#at(2).ip;
  }

  /** All that servers have. */
  get ofServers(): string[] {
    const nodes = Array.from({ length: this.#count }, (_, number) =>
      this.#at(this.#first + number),
    );
    return [this.#at(3), ...nodes].map(({ ip }) => ip);
  }

  /** Lines for /etc/hosts, as the engine takes them. */
  get hosts(): string[] {
    return Array.from({ length: Math.min(named, this.#count) }, (_, number) => {
      return `pg${number}:${this.#at(this.#first + number).ip}`;
    });
  }

  #at(offset: number): FixedAddress {
    const address = this.#network + offset;
    const bytes = [24, 16, 8, 0].map((shift) => (address / 2 ** shift) & 255);
    // 02: an address that no manufacturer has given.
    const mac = ['02', '50', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
    return { ip: bytes.join('.'), mac };
  }
}
