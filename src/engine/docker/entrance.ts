import type { Deadline } from '../../base/deadline';
import type { PendingRequests } from './client/pending-requests';
import type { Place } from './container/container-options';
import type { Dial } from './dial/dial';
import type { ClusterNetwork } from './network/cluster-network';
import { preparing } from './network/fixed-addresses';

/** How this process comes to the network of a cluster, if its dial needs that. */
export class Entrance {
  readonly #dial: Dial;
  readonly #network: ClusterNetwork;
  readonly #making: PendingRequests;

  constructor(o: { dial: Dial; network: ClusterNetwork; making: PendingRequests }) {
    this.#dial = o.dial;
    this.#network = o.network;
    this.#making = o.making;
  }

  /** See Engine. */
  async serverAddresses(deadline: Deadline): Promise<readonly string[]> {
    const { enter, publishOn } = this.#dial;
    if (!enter) return publishOn === undefined ? [] : [publishOn];
    await this.#network.prepare(deadline);
    return (await this.#network.addresses(deadline))?.ofServers ?? [];
  }

  /** Goes there. */
  enter(deadline: Deadline): Promise<void> {
    return this.#making.track(this.#enter(deadline));
  }

  /** Where data are prepared. Undefined: on the network that the engine gives by itself. */
  async placeToPrepare(deadline: Deadline): Promise<Place | undefined> {
    if (!this.#dial.enter) return undefined;
    await this.enter(deadline);
    const addresses = await this.#network.addresses(deadline);
    return { network: this.#network.name, address: addresses?.of(preparing) };
  }

  async #enter(deadline: Deadline): Promise<void> {
    if (!this.#dial.enter) return;
    const addresses = await this.#network.addresses(deadline);
    const { name } = this.#network;
    await this.#dial.enter({ name, ownAddress: addresses?.own }, deadline);
  }
}
