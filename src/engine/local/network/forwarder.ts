import { createServer, type Server, type Socket } from 'node:net';
import type { CutFrom, NetworkState } from '../../network-state';
import { ForwardedConnection, type Side } from './forwarded-connection';

/** What the forwarder knows about a node. */
export interface Route {
  readonly name: string;
  /** Where clients connect, where other nodes connect, and where the server itself listens. */
  readonly ports: { readonly clients: number; readonly cluster: number; readonly server: number };
}

interface Station {
  readonly route: Route;
  readonly listeners: readonly Server[];
  cut: CutFrom | undefined;
}

/**
 * Stands in front of the nodes of one cluster, and passes on what comes, unless it is told not to.
 * A node's ports are open exactly as long as its server runs.
 */
export class Forwarder {
  readonly #stations = new Map<string, Station>();
  readonly #links = new Set<ForwardedConnection>();

  /** @throws with the code EADDRINUSE, and nothing is open then */
  async open(route: Route): Promise<void> {
    await this.close(route.name);
    const listeners: Server[] = [];
    try {
      for (const side of ['clients', 'cluster'] as const) {
        const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
          void this.#accept(route.name, side, socket);
        });
        listeners.push(listener);
        await listen(listener, route.ports[side]);
      }
    } catch (error) {
      for (const listener of listeners) listener.close();
      throw error;
    }
    this.#stations.set(route.name, { route, listeners, cut: undefined });
  }

  /** The server has ended: its connections are reset, and nothing is held any more. */
  async close(name: string): Promise<void> {
    const station = this.#stations.get(name);
    if (!station) return;
    this.#stations.delete(name);
    for (const link of this.#links) if (link.target === name) link.destroy();
    await Promise.all(
      station.listeners.map((listener) => new Promise((resolve) => listener.close(resolve))),
    );
    this.#apply();
  }

  /** Holds back exactly these packets from and to a node. */
  hold(name: string, { cut, silenced }: NetworkState): void {
    const station = this.#stations.get(name);
    if (station) station.cut = cut;
    // The server sees all of them come from this machine, each from another port.
    const ports = new Set(silenced.map(({ port }) => port));
    for (const link of this.#links) {
      if (link.target === name) link.setSilenced(link.port !== undefined && ports.has(link.port));
    }
    this.#apply();
  }

  async #accept(name: string, side: Side, socket: Socket): Promise<void> {
    const link = new ForwardedConnection(name, side, socket);
    if (side === 'cluster') link.origin = applicationName(await link.peek());
    this.#links.add(link);
    link.onEnd(() => this.#links.delete(link));
    this.#applyTo(link);
  }

  #apply(): void {
    for (const link of this.#links) this.#applyTo(link);
  }

  #applyTo(link: ForwardedConnection): void {
    const target = this.#stations.get(link.target);
    if (!target) {
      link.destroy();
      return;
    }
    const isCut = [target, this.#stations.get(link.origin)].some(
      (station) => station?.cut === 'all' || station?.cut === link.side,
    );
    link.setHeld(isCut, target.route.ports.server);
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve());
  });
}

/**
 * Who connects, as the start-up packet says ("Message Formats" in the manual): length, protocol
 * version, then names and values, each ended by a zero byte. A slave gives its cluster_name.
 */
function applicationName(packet: Buffer): string {
  const words = packet.subarray(8).toString('utf8').split('\0');
  const at = words.findIndex((word, index) => index % 2 === 0 && word === 'application_name');
  return at === -1 ? '' : (words[at + 1] ?? '');
}
