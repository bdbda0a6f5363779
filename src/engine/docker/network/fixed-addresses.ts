import { isIPv4 } from 'node:net';

/** A node with a higher number, after that many were added and removed, is found by DNS alone. */
const count = 64;
/** The addresses before belong to the gateway, or are given by the engine itself. */
const first = 16;

/** Where a node is on its cluster's network, for the life of its container. */
export interface FixedAddress {
  readonly ip: string;
  /** It stays the same after each start, since others remember it for seconds. */
  readonly mac: string;
}

/**
 * Fixed addresses, for engines where nodes cannot be found at once otherwise. Podman's DNS does not
 * answer for seconds after a container stops, and a slave that waits for it can be neither promoted
 * nor turned to another upstream. Docker's DNS answers, and Docker takes no fixed address on a
 * network whose addresses it chose itself.
 */
export class FixedAddresses {
  readonly #network: number;

  private constructor(network: number) {
    this.#network = network;
  }

  /** Undefined for a network that has no IPv4 addresses, or too few. */
  static in(subnet: string | undefined): FixedAddresses | undefined {
    const [ip = '', bits = ''] = (subnet ?? '').split('/');
    if (!isIPv4(ip) || !(Number(bits) <= 24)) return undefined;
    return new FixedAddresses(ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0));
  }

  of(node: string): FixedAddress | undefined {
    const number = Number(/^pg(\d+)$/.exec(node)?.[1]);
    return number < count ? this.#at(number) : undefined;
  }

  /** Lines for /etc/hosts, as the engine takes them. */
  get hosts(): string[] {
    return Array.from({ length: count }, (_, number) => `pg${number}:${this.#at(number).ip}`);
  }

  #at(number: number): FixedAddress {
    const address = this.#network + first + number;
    const bytes = [24, 16, 8, 0].map((shift) => (address / 2 ** shift) & 255);
    // 02: an address that no manufacturer has given.
    const mac = ['02', '50', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
    return { ip: bytes.join('.'), mac };
  }
}
