import type Docker from 'dockerode';
import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import { newId } from '../../base/new-id';
import type { Progress } from '../../base/progress';
import type { Session } from '../../cleanup/session';
import { noteUseOf } from '../../cleanup/uses';
import type { Endpoint } from '../../postgres/endpoint';
import type { Engine, NodeSpec, OtherNode } from '../engine';
import type { CloneSource, EngineNode } from '../engine-node';
import type { Preparation, Template } from '../template';
import { call } from './client/api-call';
import { PendingRequests } from './client/pending-requests';
import { BoundedDisks } from './container/bounded-disks';
import { containerOptions } from './container/container-options';
import { prepareInContainer } from './container/prepare-in-container';
import { removeContainer } from './container/remove-container';
import type { MakeContainer } from './container/run-beside';
import { Snapshots } from './container/snapshots';
import { type Dial, serverPort, type Way } from './dial/dial';
import type { DockerOptions } from './docker-options';
import { Entrance } from './entrance';
import { clusterLabels, label } from './image/labels';
import { type ClusterImages, ensureImages } from './image/template-images';
import { ClusterNetwork } from './network/cluster-network';
import { DockerNode } from './node';
import { nodeOn } from './node-on-port';
import { removeLabelled } from './session-leftovers';

const lookMs = 10_000;
/** How long it may take to remove everything, if the caller has that much time. */
const removeMs = 60_000;
/** How long it may take to remove what a failed request has made. */
const undoMs = 10_000;

/** Runs the nodes of one cluster as containers on a network of their own. */
export class DockerEngine implements Engine {
  readonly kind = 'docker';
  readonly nodesMeet = 'in a network';
  readonly network: string;
  readonly #docker: Docker;
  readonly #image: string;
  readonly #platform: string | undefined;
  readonly #dial: Dial;
  readonly #clusterId = newId();
  readonly #labels: Record<string, string>;
  readonly #disks: BoundedDisks | undefined;
  readonly #nodes = new Map<string, DockerNode>();
  /** How often a container was made for a node of this name. */
  readonly #births = new Map<string, number>();
  readonly #snapshots = new Snapshots((name) => this.#node(name).container);
  #images: ClusterImages | undefined;
  readonly #network: ClusterNetwork;
  readonly #entrance: Entrance;
  readonly #making = new PendingRequests();
  /** What takes back the notes of which images are used. */
  readonly #uses: (() => void)[] = [];
  readonly #onRemoved: (() => void) | undefined;

  constructor(
    o: DockerOptions,
    docker: Docker,
    at: {
      session: Session;
      dial: Dial;
      /** For the labels; see there. */
      ownersContainer: string | undefined;
      /** Called when nothing of the cluster is left at the engine. */
      onRemoved?: (() => void) | undefined;
    },
  ) {
    this.#docker = docker;
    this.#onRemoved = at.onRemoved;
    this.#image = o.image ?? `postgres:${o.version}`;
    this.#platform = o.platform;
    this.#dial = at.dial;
    this.#labels = clusterLabels(at.session, this.#clusterId, at.ownersContainer);
    // Of the networks of a container Docker makes the first one in order of their names its way to
    // all else (before API 1.48, always). One that joins this network is to keep its own.
    const needsAddresses = at.dial.enter !== undefined;
    const name = needsAddresses ? `zz-${this.#prefix()}` : this.#prefix();
    this.network = name;
    this.#network = new ClusterNetwork({
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
    const network = this.#network;
    this.#entrance = new Entrance({ dial: this.#dial, network, making: this.#making });
    this.#disks =
      o.diskLimitMb === undefined
        ? undefined
        : new BoundedDisks({
            createVolume: (options) => this.#making.track(docker.createVolume(options)),
            limitMb: o.diskLimitMb,
            prefix: this.#prefix(),
            labels: this.#labels,
            create: this.#makeContainer,
          });
  }

  serverAddresses(deadline: Deadline): Promise<readonly string[]> {
    return this.#entrance.serverAddresses(deadline);
  }

  async makeTemplate(
    template: Template,
    preparation: Preparation | undefined,
    progress: Progress,
  ): Promise<void> {
    const [images] = await Promise.all([
      ensureImages({
        docker: this.#docker,
        image: this.#image,
        platform: this.#platform,
        template,
        preparation,
        progress,
        uses: (images) => this.#uses.push(noteUseOf(images)),
        prepare: async (what, from, as, deadline) =>
          prepareInContainer(
            {
              ...{ preparation: what, images: from, template, as, progress },
              makeContainer: this.#makeContainer,
              dial: this.#dial,
              place: await this.#entrance.placeToPrepare(deadline),
            },
            deadline,
          ),
      }),
      this.#network.prepare(Deadline.in(lookMs)),
    ]);
    this.#images = images;
  }

  async createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode> {
    const images = this.#images;
    if (!images) throw new Error('createNode before makeTemplate');
    const disks = this.#disks;
    const network = this.#network;
    // Whoever awaits it gets the error.
    this.#making.track(network.make(deadline)).catch(() => {});
    const entering = this.#entrance.enter(deadline);
    entering.catch(() => {});
    const addresses = await network.addresses(deadline);
    const address = addresses?.of(spec.name);
    await disks?.make(spec.name, deadline);
    // Starting containers takes most of the time, so those of slaves start while the master comes
    // up.
    const awaitsStart = spec.role === 'slave' && !spec.clone && !disks;
    const options = containerOptions({
      spec,
      dial: this.#dial,
      images,
      awaitsStart,
      disk: disks?.mountOf(spec.name),
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
      makeContainer: this.#makeContainer,
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

  clusterEndpoint(name: string): Endpoint {
    return { host: name, port: serverPort };
  }

  saveSnapshot(id: string, source: CloneSource, deadline: Deadline): Promise<void> {
    return this.#snapshots.save(id, source, [...this.#nodes.keys()], deadline);
  }

  dropSnapshot(id: string, deadline: Deadline): Promise<void> {
    return this.#snapshots.drop(id, deadline);
  }

  /** In a network each name and address is one container's, which cannot change in a moment. */
  spares(): undefined {}

  nodeOn(ports: readonly number[], deadline: Deadline): Promise<OtherNode | undefined> {
    return nodeOn(this.#docker, ports, this.#clusterId, deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    const cleanup = new CleanupStack();
    cleanup.add('notes of what is used', () => {
      for (const release of this.#uses.splice(0)) release();
    });
    const mine = `${label.cluster}=${this.#clusterId}`;
    const nodes = [...this.#nodes.values()];
    cleanup.add('the ways to its nodes', (by) => Promise.all(nodes.map((one) => one.closeWay(by))));
    cleanup.add('what was made', (by) => removeLabelled(this.#docker, mine, by), removeMs);
    cleanup.add('what is being made', () => this.#making.settled());
    await cleanup.run(deadline);
    this.#onRemoved?.();
  }

  readonly #makeContainer: MakeContainer = (options, what, deadline) =>
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
    return `pgcluster-${this.#clusterId}`;
  }
}
