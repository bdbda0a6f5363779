import type Docker from 'dockerode';
import { type Deadline, poll } from '../../../base/deadline';
import { messageOf } from '../../../base/errors';
import { call, statusOf, unlessGone } from '../client/api-call';
import { FixedAddresses } from './fixed-addresses';

/** Addresses of a network, as the API has it. */
type Addresses = NonNullable<Docker.IPAM['Config']>[number];

/** Makes a network; the engine keeps track, so that it is not left behind. */
type CreateNetwork = (ipam?: Docker.IPAM) => Promise<Docker.Network>;

/** The network of one cluster, which is made with its first node. */
export class ClusterNetwork {
  readonly name: string;
  readonly #docker: Docker;
  readonly #create: CreateNetwork;
  readonly #needsAddresses: boolean;
  #isPodman = false;
  #prepared: Promise<void> | undefined;
  #made: Promise<unknown> | undefined;
  #addresses: Promise<FixedAddresses | undefined> | undefined;

  constructor(o: {
    docker: Docker;
    name: string;
    /** Whether addresses have to be known before containers are made, whatever the engine. */
    needsAddresses: boolean;
    create: CreateNetwork;
  }) {
    this.name = o.name;
    this.#docker = o.docker;
    this.#needsAddresses = o.needsAddresses;
    this.#create = o.create;
  }

  /** Finds out which engine this is. */
  prepare(deadline: Deadline): Promise<void> {
    this.#prepared ??= this.#askWhichEngine(deadline);
    return this.#prepared;
  }

  async #askWhichEngine(deadline: Deadline): Promise<void> {
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
    this.#made ??=
      this.#needsAddresses && !this.#isPodman
        ? this.#makeWithRoomForAddresses(deadline)
        : this.#makeAnywhere(deadline);
    return this.#made;
  }

  /**
   * The fixed addresses of nodes, if their containers need them when they are made. Otherwise Docker
   * needs the network only when a container starts, so both are made at the same time. Podman needs it
   * earlier.
   */
  addresses(deadline: Deadline): Promise<FixedAddresses | undefined> {
    if (!this.#isPodman && !this.#needsAddresses) return Promise.resolve(undefined);
    this.#addresses ??= this.make(deadline)
      .then(() => this.#subnets(deadline))
      .then((subnets) =>
        subnets
          .map(({ Subnet }) => FixedAddresses.in(Subnet))
          .find((addresses) => addresses !== undefined),
      );
    return this.#addresses;
  }

  /** Lines for /etc/hosts, where nodes are not found by DNS alone. */
  hostsOf(addresses: FixedAddresses | undefined): string[] | undefined {
    return this.#isPodman ? addresses?.hosts : undefined;
  }

  #makeAnywhere(deadline: Deadline): Promise<unknown> {
    return call(deadline, `create network ${this.name}`, () => this.#create());
  }

  /**
   * Docker takes fixed addresses only on a network whose subnet it was told, and it knows best which
   * one is free: it looks at the routes of its machine, and at what its administrator wants. So it
   * chooses one, and is then told to take that. Somebody else may be given it meanwhile.
   */
  #makeWithRoomForAddresses(deadline: Deadline): Promise<unknown> {
    const what = `create network ${this.name}`;
    return poll({
      deadline,
      what: `the engine to ${what} with addresses for its nodes`,
      intervalMs: 20,
      look: async () => {
        const chosen = await call(deadline, what, () => this.#create());
        const subnets = await this.#subnets(deadline);
        const subnet = subnets.find(({ Subnet }) => FixedAddresses.in(Subnet) !== undefined);
        // Whoever asks for an address is told that there is none.
        if (subnet === undefined) return { done: undefined };
        await unlessGone(call(deadline, what, (abortSignal) => chosen.remove({ abortSignal })));
        try {
          await call(deadline, what, () => this.#create({ Config: [withOthersApart(subnet)] }));
          return { done: undefined };
        } catch (error) {
          if (!/overlap/i.test(messageOf(error))) throw error;
          return { seen: messageOf(error) };
        }
      },
    });
  }

  async #subnets(deadline: Deadline): Promise<Addresses[]> {
    return poll({
      deadline,
      what: `the engine to know the network ${this.name} that it has made`,
      intervalMs: 20,
      look: async () => {
        try {
          const { IPAM } = await call(deadline, 'look at the network', () =>
            this.#docker.getNetwork(this.name).inspect(),
          );
          return { done: IPAM?.Config ?? [] };
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
          return { seen: messageOf(error) };
        }
      },
    });
  }
}

/** Containers of others in this network are given addresses by the engine: none that is meant for a node. */
function withOthersApart({ Subnet, Gateway }: Addresses): Addresses {
  const IPRange = FixedAddresses.rangeBeside(Subnet);
  return IPRange === undefined || Gateway === undefined ? { Subnet } : { Subnet, Gateway, IPRange };
}
