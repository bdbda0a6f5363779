import type Docker from 'dockerode';
import { type Deadline, poll } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import { call, statusOf } from '../client/api-call';
import { FixedAddresses } from './fixed-addresses';

/** The network of one cluster, which is made with its first node. */
export class ClusterNetwork {
  readonly name: string;
  readonly #docker: Docker;
  readonly #create: () => Promise<unknown>;
  #isPodman = false;
  #made: Promise<unknown> | undefined;
  #addresses: Promise<FixedAddresses | undefined> | undefined;

  constructor(o: {
    docker: Docker;
    name: string;
    /** Makes it; the engine keeps track, so that it is not left behind. */
    create: () => Promise<unknown>;
  }) {
    this.name = o.name;
    this.#docker = o.docker;
    this.#create = o.create;
  }

  /** Finds out which engine this is. */
  async prepare(deadline: Deadline): Promise<void> {
    // dockerode takes options here, its types do not know it.
    const version = this.#docker.version.bind(this.#docker) as (o: {
      abortSignal: AbortSignal;
    }) => Promise<Partial<Docker.DockerVersion>>;
    const { Components } = await call(deadline, 'ask the engine for its version', (abortSignal) =>
      version({ abortSignal }),
    );
    this.#isPodman = (Components ?? []).some(({ Name }) => /podman/i.test(Name));
  }

  /** Resolves when it is made. */
  make(deadline: Deadline): Promise<unknown> {
    this.#made ??= call(deadline, `create network ${this.name}`, this.#create);
    return this.#made;
  }

  /**
   * The fixed addresses of nodes, if their containers need them when they are made. Docker needs
   * the network only when a container starts, so both are made at the same time. Podman needs it
   * earlier.
   */
  addresses(deadline: Deadline): Promise<FixedAddresses | undefined> {
    if (!this.#isPodman) return Promise.resolve(undefined);
    this.#addresses ??= this.#chooseAddresses(deadline);
    return this.#addresses;
  }

  async #chooseAddresses(deadline: Deadline): Promise<FixedAddresses | undefined> {
    await this.make(deadline);
    const subnets = await poll({
      deadline,
      what: `the engine to know the network ${this.name} that it has made`,
      intervalMs: 20,
      look: async () => {
        try {
          const { IPAM } = await call(deadline, 'look at the network', () =>
            this.#docker.getNetwork(this.name).inspect(),
          );
          return { done: (IPAM?.Config ?? []).map(({ Subnet }) => Subnet) };
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
          return { seen: messageOf(error) };
        }
      },
    });
    return subnets.map(FixedAddresses.in).find((addresses) => addresses !== undefined);
  }
}
