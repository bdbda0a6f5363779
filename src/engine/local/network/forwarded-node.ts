import type { Deadline } from '../../../base/deadline';
import { freePort, releasePort } from '../../../base/machine/ports';
import type { Endpoint } from '../../../postgres/endpoint';
import type { NetworkState } from '../../network-state';
import type { Route } from './forwarder';
import type { ForwarderClient } from './forwarder-client';

const host = '127.0.0.1';

/** One node behind the forwarder, which listens on the node's ports. */
export class ForwardedNode {
  readonly #forwarder: ForwarderClient;
  readonly #route: Route;

  private constructor(forwarder: ForwarderClient, route: Route) {
    this.#forwarder = forwarder;
    this.#route = route;
  }

  /** Opens nothing yet. */
  static async create(
    forwarder: ForwarderClient,
    name: string,
    clients: number,
  ): Promise<ForwardedNode> {
    const [cluster, server] = [await freePort(), await freePort()];
    return new ForwardedNode(forwarder, { name, ports: { clients, cluster, server } });
  }

  /** Where the server itself listens. */
  get server(): Endpoint {
    return { host, port: this.#route.ports.server };
  }

  /** Where the other nodes connect. */
  get cluster(): Endpoint {
    return { host, port: this.#route.ports.cluster };
  }

  async open(deadline: Deadline): Promise<void> {
    const { name, ports } = this.#route;
    const what = `listen on port ${ports.clients} or ${ports.cluster}, meant for ${name}`;
    await this.#forwarder.ask(what, { do: 'open', route: this.#route }, deadline);
  }

  async close(deadline: Deadline): Promise<void> {
    const { name } = this.#route;
    await this.#forwarder.ask(`close ${name}`, { do: 'close', name }, deadline);
  }

  async setNetwork(wanted: NetworkState, deadline: Deadline): Promise<void> {
    const { name } = this.#route;
    await this.#forwarder.ask(`hold packets of ${name}`, { do: 'hold', name, wanted }, deadline);
  }

  release(): void {
    releasePort(this.#route.ports.cluster);
    releasePort(this.#route.ports.server);
  }
}
