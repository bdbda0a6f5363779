import type Docker from 'dockerode';
import { CleanupStack } from '../../base/cleanup-stack';
import { type Deadline, poll } from '../../base/deadline';
import type { Endpoint } from '../../postgres/endpoint';
import { unsupported } from '../engine-errors';
import type {
  EngineNode,
  EngineNodeState,
  NextStart,
  NodeSnapshot,
  Started,
  StopMode,
} from '../engine-node';
import type { NetworkState } from '../network-state';
import { call } from './client/api-call';
import type { NodeDisk } from './container/bounded-disks';
import { ContainedServer, refuseGone, type Secrets } from './container/contained-server';
import { containerState } from './container/container-state';
import { Freezer } from './container/freezer';
import { NodeLog } from './container/node-log';
import { removeContainer } from './container/remove-container';
import type { MakeContainer } from './container/run-beside';
import { startContainer, withItsPort } from './container/start-container';
import type { StartScript } from './container/start-script';
import type { Way } from './dial/dial';
import { tar } from './image/build-context';
import { lacks } from './lacks';
import { PacketFilter } from './network/packet-filter';
import { whyUnreachable } from './network/why-unreachable';

const removeMs = 60_000;
/** How long the engine may take to know that a container has ended. */
const endMs = 2_000;
/** "Shutting Down the Server" in PostgreSQL's manual. */
const stopSignals = { smart: 'TERM', fast: 'INT', immediate: 'QUIT' } as const;

/** A node in a container. */
export class DockerNode implements EngineNode {
  readonly name: string;
  readonly container: Docker.Container;
  readonly #packets: PacketFilter;
  readonly #freezer: Freezer;
  readonly #server: ContainedServer;
  readonly #onRemoved: () => void;
  readonly #disk: NodeDisk | undefined;
  readonly #way: Way;
  #log: NodeLog;
  #isWayClosed = false;
  /** Whether its data are replaced when it is started next. */
  #clonesNext = false;

  constructor(o: {
    name: string;
    way: Way;
    container: Docker.Container;
    secrets: Secrets;
    makeContainer: MakeContainer;
    /** Makes sure that the container has the data of a snapshot. */
    bringSnapshot: (id: string, deadline: Deadline) => Promise<void>;
    /** Called when the container goes: nobody may ask for its snapshots any more. */
    onRemoved: () => void;
    disk: NodeDisk | undefined;
  }) {
    this.name = o.name;
    this.#way = o.way;
    this.container = o.container;
    this.#packets = new PacketFilter(o);
    this.#freezer = new Freezer(o);
    this.#server = new ContainedServer({ ...o, bring: o.bringSnapshot });
    this.#onRemoved = o.onRemoved;
    this.#disk = o.disk;
    this.#log = new NodeLog(o.name, o.container);
  }

  get endpoint(): Endpoint {
    return this.#way.endpoint;
  }

  get script(): StartScript {
    return this.#server.script;
  }

  /** Starts the container, whose server waits for `start`; that tells of a failure. */
  async startContainerAhead(deadline: Deadline): Promise<void> {
    const starting = this.#startContainer(deadline);
    this.#server.containerStartsAhead(starting);
    await starting.catch(() => {});
  }

  async start(deadline: Deadline): Promise<Started> {
    if (this.#server.awaitsStart) {
      await this.#server.start(deadline);
      return { lostWal: undefined };
    }
    await this.#startContainer(deadline);
    const clones = this.#clonesNext;
    this.#clonesNext = false;
    return { lostWal: clones ? await this.#server.lostWal(deadline) : undefined };
  }

  async #startContainer(deadline: Deadline): Promise<void> {
    this.#packets.forget();
    const start = async () => {
      await Promise.all([
        startContainer(this.container, { name: this.name, way: this.#way }, deadline),
        this.#disk?.hold(deadline),
      ]);
    };
    const at = { name: this.name, way: this.#way };
    await withItsPort(at, () => this.#server.startContainer(start, deadline));
  }

  async stop(mode: StopMode, deadline: Deadline): Promise<void> {
    await this.#server.end(stopSignals[mode], deadline);
    await this.#untilEnded(`a ${mode} stop`, deadline);
  }

  async kill(deadline: Deadline): Promise<void> {
    await call(deadline, `kill the container of ${this.name}`, (abortSignal) =>
      this.container.kill({ signal: 'SIGKILL', abortSignal }),
    );
    await this.#untilEnded('SIGKILL', deadline);
  }

  async restore(snapshot: NodeSnapshot, deadline: Deadline): Promise<void> {
    const { state, detail } = await this.state(deadline);
    if (state === 'gone') refuseGone(this.name, detail);
    if (state === 'stopped' && !this.#server.awaitsStart) {
      await this.#server.restoreAtNextStart(snapshot, deadline);
      return;
    }
    await this.#packets.clear(deadline);
    await this.#disk?.free(deadline);
    if (state === 'paused') await this.unpause(deadline);
    try {
      await this.#server.restore(snapshot, deadline);
    } catch (error) {
      // A server that ends by itself, say because its disk is full, takes its container with it.
      if (!(await this.#hasEnded(deadline))) throw error;
      await this.#server.restoreAtNextStart(snapshot, deadline);
    }
  }

  /** Whether its container has ended; the engine may need a moment to know. */
  async #hasEnded(deadline: Deadline): Promise<boolean> {
    const ended = poll({
      deadline: deadline.atMost(endMs),
      what: `the container of ${this.name} to end`,
      intervalMs: 50,
      look: async () => {
        const { state, detail } = await this.state(deadline);
        return state === 'stopped' ? { done: true } : { seen: detail };
      },
    });
    return ended.catch(() => false);
  }

  expectRestore(snapshot: NodeSnapshot): void {
    this.#server.expect(snapshot);
  }

  async setNextStart({ clone, conf }: NextStart, deadline: Deadline): Promise<void> {
    const archive = await tar([[clone ? 'next-start.clone' : 'next-start.standby', conf]]);
    await call(deadline, `prepare the next start of ${this.name}`, (abortSignal) =>
      this.container.putArchive(archive, { path: '/pg-cluster/run', abortSignal }),
    );
    this.#clonesNext = clone !== undefined;
  }

  pause(deadline: Deadline): Promise<void> {
    return this.#freezer.freeze(deadline);
  }

  unpause(deadline: Deadline): Promise<void> {
    return this.#freezer.thaw(deadline);
  }

  setNetwork(wanted: NetworkState, deadline: Deadline): Promise<void> {
    return this.#packets.set(wanted, deadline);
  }

  async fillDisk(deadline: Deadline): Promise<void> {
    await this.#boundedDisk('filled').fill(deadline);
  }

  async freeDisk(deadline: Deadline): Promise<void> {
    await this.#boundedDisk('freed').free(deadline);
  }

  async state(deadline: Deadline): Promise<EngineNodeState> {
    const { state, ...seen } = await containerState(this.container, this.name, deadline);
    const { startedAt } = seen;
    if (state === 'running' && this.#freezer.hasStopped(startedAt)) {
      return { state: 'paused', detail: 'its processes are paused (SIGSTOP)', startedAt };
    }
    if (state === 'running' && this.#server.awaitsStart) {
      return { state: 'stopped', detail: 'its server waits to be started', startedAt };
    }
    if (state === 'stopped') this.#server.containerEnded();
    return { state, ...seen };
  }

  whyUnreachable(refusedMs: number, deadline: Deadline): Promise<string | undefined> {
    const { name, container, endpoint } = this;
    if (this.#way.whyUnreachable) return this.#way.whyUnreachable(deadline);
    return whyUnreachable({ name, container, endpoint, refusedMs }, deadline);
  }

  logs(from: number, deadline: Deadline): Promise<string> {
    return this.#log.since(from, deadline);
  }

  /** Whoever asks for its log gets that of the node whose place it takes, too. */
  continuesLogOf(former: DockerNode | undefined): void {
    if (!former) return;
    this.#log = former.#log;
    this.#log.turnTo(this.container);
  }

  /** Its container is about to be removed, but others may be asked for the log. */
  keepLog(deadline: Deadline): Promise<void> {
    return this.#log.keep(this.container, deadline);
  }

  #boundedDisk(what: 'filled' | 'freed'): NodeDisk {
    if (this.#disk) return this.#disk;
    throw unsupported(
      { kind: 'docker', lacks },
      'disk faults',
      `the disk of ${this.name} cannot be ${what}`,
    );
  }

  async #untilEnded(after: string, deadline: Deadline): Promise<void> {
    await call(deadline, `see ${this.name} end after ${after}`, (abortSignal) =>
      this.container.wait({ abortSignal }),
    );
  }

  /** For when its container is removed by somebody else. */
  async closeWay(deadline: Deadline): Promise<void> {
    // Its port may be another node's by the second time.
    if (this.#isWayClosed) return;
    this.#isWayClosed = true;
    await this.#way.close(deadline);
  }

  async remove(deadline: Deadline): Promise<void> {
    // Even if this fails, nobody may ask for it any more.
    this.#onRemoved();
    const cleanup = new CleanupStack();
    cleanup.add(`the way to ${this.name}`, (by) => this.closeWay(by));
    cleanup.add(
      this.name,
      (by) => removeContainer(this.container, `the container of ${this.name}`, by),
      removeMs,
    );
    await cleanup.run(deadline);
  }
}
