import { CleanupStack } from '../base/cleanup-stack';
import { Deadline } from '../base/deadline';
import { freePort, releasePort } from '../base/machine/ports';
import { newId } from '../base/new-id';
import type { Engine, NodeSpec, OtherNode, Spares } from '../engine/engine';
import type { EngineNode, SnapshotSource } from '../engine/engine-node';
import type { Endpoint } from '../postgres/endpoint';
import { Front } from './front';
import type { TlsIdentity } from './requests';
import { WiredNode } from './wired-node';

const host = '127.0.0.1';
const removeMs = 60_000;
/** How long it may take to remove a node that could not be made. */
const undoMs = 10_000;

/** An engine with a wire in front of each of its nodes. */
export class WiredEngine implements Engine {
  readonly #inner: Engine;
  readonly #tls: TlsIdentity | undefined;
  readonly #id = newId();
  readonly #isSpare: boolean;
  #nodes = new Set<WiredNode>();
  /**
   * Where the others reach a node, by its name and the port that its clients know: a node that is
   * made again after its removal is found where it was.
   */
  #meetingPorts = new Map<string, number>();
  /** The same for the newest node of each name. */
  #meetingPlaces = new Map<string, Endpoint>();
  #isRemoved = false;

  /**
   * @param tls what its servers speak TLS with, if they do
   * @param isSpare whether its nodes are spares, to which clients do not get
   */
  constructor(inner: Engine, tls?: TlsIdentity, isSpare = false) {
    this.#inner = inner;
    this.#tls = tls;
    this.#isSpare = isSpare;
  }

  get kind(): string {
    return this.#inner.kind;
  }

  get nodesMeet(): Engine['nodesMeet'] {
    return this.#inner.nodesMeet;
  }

  get network(): string | undefined {
    return this.#inner.network;
  }

  serverAddresses(deadline: Deadline): Promise<readonly string[]> {
    return this.#inner.serverAddresses(deadline);
  }

  makeTemplate(...how: Parameters<Engine['makeTemplate']>): Promise<void> {
    return this.#inner.makeTemplate(...how);
  }

  /** @param spec its port is where clients connect */
  async createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode> {
    const cleanup = new CleanupStack();
    // Those that it is one of, whichever engine has them later.
    const nodes = this.#nodes;
    try {
      const port = await freePort();
      cleanup.add(`the port ${port}`, () => releasePort(port));
      const cluster = await this.#meetingPlaceOf(spec);
      const made = this.#inner.createNode({ ...spec, port, clientPort: spec.port }, deadline);
      cleanup.add(spec.name, async (by) => (await made.catch(() => undefined))?.remove(by));
      const inner = await made;
      const front = new Front({
        of: this.#id,
        name: spec.name,
        port: spec.port,
        cluster,
        server: inner.endpoint,
        tls: this.#tls,
        isSpare: this.#isSpare,
      });
      const node: WiredNode = new WiredNode({
        inner,
        front,
        nodesMeet: this.nodesMeet,
        // Nobody waits for the wire's process here: it may still be starting.
        opening: front.open(deadline),
        onRemoved: () => {
          nodes.delete(node);
          releasePort(port);
        },
      });
      cleanup.add(`what stands in front of ${spec.name}`, (by) => front.close(by));
      if (this.#isRemoved) throw new Error('its cluster is being removed');
      nodes.add(node);
      return node;
    } catch (error) {
      throw await cleanup.runAfter(error, Deadline.in(undoMs));
    }
  }

  clusterEndpoint(name: string): Endpoint {
    return this.#meetingPlaces.get(name) ?? this.#inner.clusterEndpoint(name);
  }

  saveSnapshot(id: string, source: SnapshotSource, deadline: Deadline): Promise<void> {
    return this.#inner.saveSnapshot(id, source, deadline);
  }

  dropSnapshot(id: string, deadline: Deadline): Promise<void> {
    return this.#inner.dropSnapshot(id, deadline);
  }

  spares(snapshot: string | undefined): Spares | undefined {
    const inner = this.#inner.spares(snapshot);
    if (!inner) return undefined;
    const engine = new WiredEngine(inner.engine, this.#tls, true);
    const changePlaces = async (deadline: Deadline) => {
      await inner.changePlaces(deadline);
      try {
        await this.#leadClientsTo(engine.#nodes, deadline);
      } catch (error) {
        await inner.changePlaces(deadline);
        throw error;
      }
      this.#changePlaces(engine);
    };
    return { engine, changePlaces };
  }

  async #leadClientsTo(spares: ReadonlySet<WiredNode>, deadline: Deadline): Promise<void> {
    const fronts = new Map([...this.#nodes].map(({ name, front }) => [name, front]));
    const moves = [...spares].map(({ name, front }) =>
      front.takePlaceOf(fronts.get(name), this.#id, deadline),
    );
    await Promise.all(moves);
  }

  #changePlaces(other: WiredEngine): void {
    [this.#nodes, other.#nodes] = [other.#nodes, this.#nodes];
    [this.#meetingPorts, other.#meetingPorts] = [other.#meetingPorts, this.#meetingPorts];
    [this.#meetingPlaces, other.#meetingPlaces] = [other.#meetingPlaces, this.#meetingPlaces];
  }

  nodeOn(ports: readonly number[], deadline: Deadline): Promise<OtherNode | undefined> {
    return this.#inner.nodeOn(ports, deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    this.#isRemoved = true;
    const cleanup = new CleanupStack();
    const nodes = [...this.#nodes];
    cleanup.add('the ports between nodes', () => {
      for (const port of this.#meetingPorts.values()) releasePort(port);
    });
    cleanup.add('what stands in front of its nodes', (by) =>
      Promise.all(nodes.map((node) => node.closeFront(by))),
    );
    cleanup.add('its nodes', (by) => this.#inner.remove(by), removeMs);
    await cleanup.run(deadline);
  }

  /** Undefined if the wire does not stand between nodes. */
  async #meetingPlaceOf({ name, port }: NodeSpec): Promise<Endpoint | undefined> {
    if (this.nodesMeet === 'in a network') return undefined;
    const key = `${name} ${port}`;
    const known = this.#meetingPorts.get(key) ?? (await freePort());
    this.#meetingPorts.set(key, known);
    const place = { host, port: known };
    this.#meetingPlaces.set(name, place);
    return place;
  }
}
