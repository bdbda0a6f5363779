import type Docker from 'dockerode';
import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import type { Progress } from '../../base/progress';
import type { Session } from '../../cleanup/session';
import { noteUseOf } from '../../cleanup/uses';
import type { Endpoint } from '../../postgres/endpoint';
import type { Engine, NodeSpec, OtherNode, Spares } from '../engine';
import type { EngineNode, SnapshotSource } from '../engine-node';
import type { Preparation, Template } from '../template';
import { prepareInContainer } from './container/prepare-in-container';
import { type Dial, serverPort } from './dial/dial';
import type { DockerOptions } from './docker-options';
import { type ClusterImages, ensureImages } from './image/template-images';
import { nodeOn } from './node-on-port';
import { NodeSet } from './node-set';
import { hasRoomForSpares } from './room-for-spares';

const lookMs = 10_000;
/** How long it may take to save what servers have logged that are about to be removed. */
const keepLogsMs = 5000;
/** How long it may take to remove everything, if the caller has that much time. */
const removeMs = 60_000;

/** Whose the nodes are, and how they are reached. */
interface At {
  readonly session: Session;
  readonly dial: Dial;
  /** For the labels; see there. */
  readonly ownersContainer: string | undefined;
  /** Called when nothing of the cluster is left at the engine. */
  readonly onRemoved?: (() => void) | undefined;
}

/** Runs the nodes of one cluster as containers. */
export class DockerEngine implements Engine {
  readonly kind = 'docker';
  readonly nodesMeet = 'in a network';
  readonly #o: DockerOptions;
  readonly #docker: Docker;
  readonly #at: At;
  #set: NodeSet;
  #images: ClusterImages | undefined;
  /** What takes back the notes of which images are used. */
  readonly #uses: (() => void)[] = [];
  #isSpare = false;
  /** The ids of all sets of nodes of the cluster. */
  #setIds: readonly string[];
  /** Whether there was room for spares when that was last looked for. */
  #hasRoom = false;

  constructor(o: DockerOptions, docker: Docker, at: At) {
    const { diskLimitMb } = o;
    this.#o = o;
    this.#docker = docker;
    this.#at = at;
    this.#set = new NodeSet({ ...at, docker, diskLimitMb });
    this.#setIds = [this.#set.id];
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
    const { image, version, platform } = this.#o;
    const { makeContainer, entrance, exchange, network } = this.#set;
    const [images] = await Promise.all([
      ensureImages({
        docker: this.#docker,
        image: image ?? `postgres:${version}`,
        platform,
        template,
        preparation,
        progress,
        uses: (images) => this.#uses.push(noteUseOf(images)),
        prepare: async (what, from, as, deadline) =>
          prepareInContainer(
            {
              ...{ preparation: what, images: from, template, as, progress },
              makeContainer,
              dial: this.#at.dial,
              place: await entrance.placeToPrepare(deadline),
            },
            deadline,
          ),
      }),
      network.prepare(Deadline.in(lookMs)),
      exchange.make(Deadline.in(lookMs)),
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

  saveSnapshot(id: string, source: SnapshotSource, deadline: Deadline): Promise<void> {
    return this.#set.saveSnapshot(id, source, deadline);
  }

  dropSnapshot(id: string, deadline: Deadline): Promise<void> {
    return this.#set.dropSnapshot(id, deadline);
  }

  /**
   * They have the same names in a network of their own. There are none while there are snapshots, which
   * are in the containers of the first set. Tests in a container would have to enter the other network,
   * too, and bounded disks are in memory.
   */
  spares(snapshot: string | undefined): Spares | undefined {
    if (snapshot !== undefined || this.#set.hasSnapshots) return undefined;
    if (this.#at.dial.enter || this.#o.diskLimitMb !== undefined) return undefined;
    const hasRoom = this.#hasRoom;
    this.#lookForRoom();
    if (!hasRoom) return undefined;
    const engine = new DockerEngine(this.#o, this.#docker, { ...this.#at, onRemoved: undefined });
    engine.#images = this.#images;
    engine.#isSpare = true;
    this.#setIds = [...this.#setIds, engine.#set.id];
    const changePlaces = async () => {
      engine.#set.continuesLogsOf(this.#set);
      [this.#set, engine.#set] = [engine.#set, this.#set];
    };
    return { engine, changePlaces };
  }

  /**
   * Nobody waits for the engine's answer, so there are no spares before the second time that they
   * could be of use: containers cost more than a test file saves by them that makes its cluster as
   * new only once.
   */
  #lookForRoom(): void {
    const what = { nodes: this.#set.size, workers: this.#o.workers };
    hasRoomForSpares(this.#docker, what, Deadline.inBackground(lookMs)).then(
      (hasRoom) => {
        this.#hasRoom = hasRoom;
      },
      () => {
        this.#hasRoom = false;
      },
    );
  }

  nodeOn(ports: readonly number[], deadline: Deadline): Promise<OtherNode | undefined> {
    return nodeOn(this.#docker, ports, this.#setIds, deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    const cleanup = new CleanupStack();
    cleanup.add('notes of what is used', () => {
      for (const release of this.#uses.splice(0)) release();
    });
    cleanup.add('its nodes', (by) => this.#set.remove(by), removeMs);
    if (this.#isSpare) {
      // The nodes that stay may have taken their place, and are asked for it.
      const keep = (by: Deadline) => this.#set.keepLogs(by.atMost(keepLogsMs)).catch(() => {});
      cleanup.add('the log of its nodes', keep);
    }
    await cleanup.run(deadline);
    this.#at.onRemoved?.();
  }
}
