import type Docker from 'dockerode';
import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import type { Progress } from '../../base/progress';
import type { Session } from '../../cleanup/session';
import { noteUseOf } from '../../cleanup/uses';
import type { Endpoint } from '../../postgres/endpoint';
import type { Engine, NodeSpec, OtherNode } from '../engine';
import type { CloneSource, EngineNode } from '../engine-node';
import type { Preparation, Template } from '../template';
import { prepareInContainer } from './container/prepare-in-container';
import { type Dial, serverPort } from './dial/dial';
import type { DockerOptions } from './docker-options';
import { type ClusterImages, ensureImages } from './image/template-images';
import { nodeOn } from './node-on-port';
import { NodeSet } from './node-set';

const lookMs = 10_000;
/** How long it may take to remove everything, if the caller has that much time. */
const removeMs = 60_000;

/** Runs the nodes of one cluster as containers. */
export class DockerEngine implements Engine {
  readonly kind = 'docker';
  readonly nodesMeet = 'in a network';
  readonly #docker: Docker;
  readonly #image: string;
  readonly #platform: string | undefined;
  readonly #dial: Dial;
  readonly #set: NodeSet;
  #images: ClusterImages | undefined;
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
    const { session, dial, ownersContainer } = at;
    const { diskLimitMb } = o;
    this.#docker = docker;
    this.#onRemoved = at.onRemoved;
    this.#image = o.image ?? `postgres:${o.version}`;
    this.#platform = o.platform;
    this.#dial = dial;
    this.#set = new NodeSet({ docker, session, dial, ownersContainer, diskLimitMb });
  }

  get network(): string {
    return this.#set.network.name;
  }

  serverAddresses(deadline: Deadline): Promise<readonly string[]> {
    return this.#set.entrance.serverAddresses(deadline);
  }

  async makeTemplate(
    template: Template,
    preparation: Preparation | undefined,
    progress: Progress,
  ): Promise<void> {
    const { makeContainer, entrance, network } = this.#set;
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
              makeContainer,
              dial: this.#dial,
              place: await entrance.placeToPrepare(deadline),
            },
            deadline,
          ),
      }),
      network.prepare(Deadline.in(lookMs)),
    ]);
    this.#images = images;
  }

  async createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode> {
    const images = this.#images;
    if (!images) throw new Error('createNode before makeTemplate');
    return this.#set.createNode(spec, images, deadline);
  }

  clusterEndpoint(name: string): Endpoint {
    return { host: name, port: serverPort };
  }

  saveSnapshot(id: string, source: CloneSource, deadline: Deadline): Promise<void> {
    return this.#set.saveSnapshot(id, source, deadline);
  }

  dropSnapshot(id: string, deadline: Deadline): Promise<void> {
    return this.#set.dropSnapshot(id, deadline);
  }

  /** In a network each name and address is one container's, which cannot change in a moment. */
  spares(): undefined {}

  nodeOn(ports: readonly number[], deadline: Deadline): Promise<OtherNode | undefined> {
    return nodeOn(this.#docker, ports, this.#set.id, deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    const cleanup = new CleanupStack();
    cleanup.add('notes of what is used', () => {
      for (const release of this.#uses.splice(0)) release();
    });
    cleanup.add('its nodes', (by) => this.#set.remove(by), removeMs);
    await cleanup.run(deadline);
    this.#onRemoved?.();
  }
}
