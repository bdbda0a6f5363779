import type Docker from 'dockerode';
import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { newId } from '../../base/new-id';
import type { Session } from '../../cleanup/session';
import type { NodeSpec } from '../engine';
import type { EngineNode, SnapshotSource } from '../engine-node';
import { call } from './client/api-call';
import { PendingRequests } from './client/pending-requests';
import { BoundedDisks } from './container/bounded-disks';
import { containerOptions } from './container/container-options';
import { Exchange } from './container/exchange';
import { removeContainer } from './container/remove-container';
import type { MakeContainer } from './container/run-beside';
import { Snapshots } from './container/snapshots';
import type { Dial, Way } from './dial/dial';
import { Entrance } from './entrance';
import { clusterLabels, label } from './image/labels';
import type { ClusterImages } from './image/template-images';
import { ClusterNetwork } from './network/cluster-network';
import { DockerNode } from './node';
import { removeLabelled } from './session-leftovers';

/** How long it may take to remove everything, if the caller has that much time. */
const removeMs = 60_000;
/** How long it may take to remove what a failed request has made. */
const undoMs = 10_000;

/** What a set of nodes is made with. */
export interface NodeSetOptions {
  readonly docker: Docker;
  readonly session: Session;
  readonly dial: Dial;
  /** For the labels; see there. */
  readonly ownersContainer: string | undefined;
  readonly diskLimitMb: number | undefined;
}

/** Nodes in containers on a network of their own. All that is made for them has the set's label. */
export class NodeSet {
  /** On the labels of all that is made, and in their names. */
  readonly id = newId();
  readonly network: ClusterNetwork;
  readonly entrance: Entrance;
  readonly exchange: Exchange;
  readonly #docker: Docker;
  readonly #dial: Dial;
  readonly #labels: Record<string, string>;
  readonly #disks: BoundedDisks | undefined;
  readonly #nodes = new Map<string, DockerNode>();
  /** How often a container was made for a node of this name. */
  readonly #births = new Map<string, number>();
  readonly #snapshots = new Snapshots((name) => this.#node(name));
  readonly #making = new PendingRequests();

  constructor({ docker, session, dial, ownersContainer, diskLimitMb }: NodeSetOptions) {
    this.#docker = docker;
    this.#dial = dial;
    this.#labels = clusterLabels(session, this.id, ownersContainer);
    // Of the networks of a container Docker makes the first one in order of their names its way to
    // all else (before API 1.48, always). One that joins this network is to keep its own.
    const needsAddresses = dial.enter !== undefined;
    const name = needsAddresses ? `zz-${this.#prefix()}` : this.#prefix();
    this.network = new ClusterNetwork({
      docker,
      name,
      needsAddresses,
      create: (IPAM) =>
        this.#making.track(
          docker.createNetwork({
            ...{ Name: name, Driver: 'bridge', Labels: this.#labels },
            ...(IPAM && { IPAM }),
          }),
        ),
    });
    const { network } = this;
    this.entrance = new Entrance({ dial, network, making: this.#making });
    const createVolume = (options: Docker.VolumeCreateOptions) =>
      this.#making.track(docker.createVolume(options));
    const exchange = `${this.#prefix()}-exchange`;
    this.exchange = new Exchange({ createVolume, name: exchange, labels: this.#labels });
    this.#disks =
      diskLimitMb === undefined
        ? undefined
        : new BoundedDisks({
            createVolume,
            limitMb: diskLimitMb,
            prefix: this.#prefix(),
            labels: this.#labels,
            create: this.makeContainer,
          });
  }

  async createNode(spec: NodeSpec, images: ClusterImages, deadline: Deadline): Promise<EngineNode> {
    const disks = this.#disks;
    const { network } = this;
    await network.prepare(deadline);
    // Whoever awaits it gets the error.
    this.#making.track(network.make(deadline)).catch(() => {});
    const entering = this.entrance.enter(deadline);
    entering.catch(() => {});
    const addresses = await network.addresses(deadline);
    const address = addresses?.of(spec.name);
    await Promise.all([this.exchange.make(deadline), disks?.make(spec.name, deadline)]);
    // Starting containers takes most of the time, so those of slaves start while the master comes
    // up.
    const awaitsStart = spec.role === 'slave' && !spec.clone && !disks;
    const options = containerOptions({
      spec,
      dial: this.#dial,
      images,
      awaitsStart,
      mounts: [this.exchange.mount, ...(disks ? [disks.mountOf(spec.name)] : [])],
      place: { network: network.name, address },
      hosts: network.hostsOf(addresses),
      name: this.#containerName(spec.name),
      labels: {
        ...this.#labels,
        [label.node]: spec.name,
        [label.clientPort]: String(spec.clientPort ?? spec.port),
      },
    });
    const cleanup = new CleanupStack();
    try {
      const creating = this.#making.track(this.#docker.createContainer(options));
      // Even if the engine makes it when nobody waits for it any more.
      cleanup.add(`the container of ${spec.name}`, async (by) => {
        const late = await creating.catch(() => undefined);
        if (late) await removeContainer(late, `the container of ${spec.name}`, by);
      });
      const [container] = await Promise.all([
        call(deadline, `create a container for ${spec.name}`, () => creating),
        network.make(deadline),
        entering,
      ]);
      const to = { name: spec.name, container, port: spec.port, address: address?.ip };
      const way = await this.#dial.open(to, deadline);
      cleanup.add(`the way to ${spec.name}`, (by) => way.close(by));
      const node = this.#nodeOf(spec, container, images, way);
      this.#nodes.set(spec.name, node);
      if (awaitsStart) void this.#making.track(node.startContainerAhead(deadline));
      return node;
    } catch (error) {
      throw await cleanup.runAfter(error, Deadline.in(undoMs));
    }
  }

  #nodeOf(
    spec: NodeSpec,
    container: Docker.Container,
    images: ClusterImages,
    way: Way,
  ): DockerNode {
    const disks = this.#disks;
    const node: DockerNode = new DockerNode({
      name: spec.name,
      container,
      way,
      secrets: spec,
      makeContainer: this.makeContainer,
      bringSnapshot: (id, by) => this.#snapshots.bring(id, spec.name, by),
      onRemoved: () => {
        if (this.#nodes.get(spec.name) !== node) return;
        this.#nodes.delete(spec.name);
        this.#snapshots.forget(spec.name);
      },
      disk: disks && {
        hold: (by) => disks.hold(spec.name, images, by),
        fill: (by) => disks.fill(spec.name, by),
        free: (by) => disks.free(spec.name, by),
      },
    });
    return node;
  }

  saveSnapshot(id: string, source: SnapshotSource, deadline: Deadline): Promise<void> {
    return this.#snapshots.save(id, source, [...this.#nodes.keys()], deadline);
  }

  dropSnapshot(id: string, deadline: Deadline): Promise<void> {
    return this.#snapshots.drop(id, deadline);
  }

  /** Whether there are snapshots in its containers. */
  get hasSnapshots(): boolean {
    return this.#snapshots.areThere;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Its nodes are asked for the logs of those of the other set from now on, too. */
  continuesLogsOf(former: NodeSet): void {
    for (const [name, node] of this.#nodes) node.continuesLogOf(former.#nodes.get(name));
  }

  /** What its nodes have logged stays, even if they are removed. */
  async keepLogs(deadline: Deadline): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.keepLog(deadline)));
  }

  /** Removes everything that was made for it, and what calls still under way make in the meantime. */
  async remove(deadline: Deadline): Promise<void> {
    const cleanup = new CleanupStack();
    const mine = `${label.cluster}=${this.id}`;
    const nodes = [...this.#nodes.values()];
    cleanup.add('the ways to its nodes', (by) => Promise.all(nodes.map((one) => one.closeWay(by))));
    cleanup.add('what was made', (by) => removeLabelled(this.#docker, mine, by), removeMs);
    cleanup.add('what is being made', () => this.#making.settled());
    await cleanup.run(deadline);
  }

  /** Makes a container that is removed with the set. */
  readonly makeContainer: MakeContainer = (options, what, deadline) =>
    call(deadline, what, () =>
      this.#making.track(this.#docker.createContainer({ ...options, Labels: this.#labels })),
    );

  #node(name: string): DockerNode {
    const node = this.#nodes.get(name);
    if (node) return node;
    throw new Error(`the Docker engine has made no node ${name}`);
  }

  /** A new name at each birth: a container that could not be removed must not be in the way. */
  #containerName(node: string): string {
    const births = (this.#births.get(node) ?? 0) + 1;
    this.#births.set(node, births);
    return [this.#prefix(), node, ...(births > 1 ? [births] : [])].join('-');
  }

  /** Begins the names of all that is made. */
  #prefix(): string {
    return `pgcluster-${this.id}`;
  }
}
