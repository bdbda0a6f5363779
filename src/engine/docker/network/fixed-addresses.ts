import { isIPv4 } from 'node:net';

/** Nodes with a higher number, after that many were added and removed, are found by DNS alone. */
const count = 64;
/** The first ones are the gateway's, and those that the engine gives by itself. */
const first = 16;

/** Where a node is on its cluster's network, for the life of its container. */
export interface FixedAddress {
  readonly ip: string;
  /** The same after each start, too: others remember it for seconds. */
  readonly mac: string;
}

/**
 * Addresses for nodes on engines that have no other way to find a node at once. Podman's DNS is
 * deaf for seconds whenever a container stops, and a slave that waits for it can neither be promoted
 * nor turned. Docker's DNS answers, and Docker takes no address from us on a network of its choice.
 */
export class FixedAddresses {
  readonly #network: number;

  private constructor(network: number) {
    this.#network = network;
  }

  /** Undefined for a network that is not made of IPv4 addresses, or has too few. */
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
    // 02: made up by nobody but us.
    const mac = ['02', '50', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
    return { ip: bytes.join('.'), mac };
  }
}
