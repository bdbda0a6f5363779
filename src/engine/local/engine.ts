import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CleanupStack } from '../../base/cleanup-stack';
import { Deadline } from '../../base/deadline';
import type { Progress } from '../../base/progress';
import type { Session } from '../../cleanup/session';
import { noteUseOf } from '../../cleanup/uses';
import type { Endpoint } from '../../postgres/endpoint';
import type { Engine, NodeSpec, OtherNode, Spares } from '../engine';
import type { EngineNode, SnapshotSource } from '../engine-node';
import type { Preparation, Template } from '../template';
import { ensureTemplate, type LocalTemplate } from './data/cached-template';
import { Snapshots } from './data/snapshots';
import {
  type ClusterDirectories,
  makeClusterDirectories,
  removeClusterDirectories,
} from './directories/cluster-directories';
import { DataBounds } from './directories/data-bounds';
import { hasRoomForSpares } from './directories/room-for-spares';
import { cacheDirectory, dataRoot, serversParts } from './directories/roots';
import type { LocalOptions } from './local-options';
import { LocalNode } from './node';
import { nodeOn } from './node-on-port';
import { findBinaries } from './programs/find-programs';
import { runnablePrograms } from './programs/runnable-programs';
import { removeOldEntries } from './programs/unused-entries';
import { roomIn, shareOf } from './system/free-space';
import type { ServerUser } from './system/server-user';
import { requireSystem, whoRunsServers } from './system/who-runs-servers';

const findMs = 30_000;
/** How long it may take to remove everything, if the caller has that much time. */
const removeMs = 60_000;
/** How long it may take to remove a node that could not be made. */
const undoMs = 10_000;

/** What `makeTemplate` has found out and made. */
interface Prepared {
  readonly programs: string;
  readonly user: ServerUser;
  readonly template: LocalTemplate;
  readonly snapshots: Snapshots;
  readonly directories: ClusterDirectories;
  readonly bounds: DataBounds;
}

/** Runs the nodes of one cluster as processes of this machine. */
export class LocalEngine implements Engine {
  readonly kind = 'local';
  readonly nodesMeet = 'on loopback';
  readonly network = undefined;
  readonly #o: LocalOptions;
  readonly #session: Session;
  readonly #whyNotOthers: string | undefined;
  /** By their names. */
  #nodes = new Map<string, LocalNode>();
  /** Removes all that was made. */
  readonly #cleanup = new CleanupStack();
  #prepared: Prepared | undefined;

  /**
   * @param whyNotOthers for the message, if this engine cannot be used either
   * @throws `ERR_PG_CLUSTER_NO_ENGINE` where servers cannot be run at all
   */
  constructor(o: LocalOptions, session: Session, whyNotOthers: string | undefined) {
    requireSystem();
    this.#o = o;
    this.#session = session;
    this.#whyNotOthers = whyNotOthers;
  }

  async serverAddresses(): Promise<readonly string[]> {
    return [];
  }

  async makeTemplate(
    template: Template,
    preparation: Preparation | undefined,
    progress: Progress,
  ): Promise<void> {
    const { version, binDir, rootDir, cacheDir } = this.#o;
    const whyNotOthers = this.#whyNotOthers;
    const deadline = Deadline.in(findMs);
    const user = await whoRunsServers(deadline);
    const cache = cacheDirectory(cacheDir);
    const binaries = await findBinaries({ binDir, version, rootDir, whyNotOthers }, deadline);
    // First, so that it is the last to be cleaned up: servers run until then.
    const notes: (() => void)[] = [];
    this.#cleanup.add('notes of what is used', () => {
      for (const release of notes.splice(0)) release();
    });
    const uses = (entry: string) => notes.push(noteUseOf(entry));
    const programs = await runnablePrograms(binaries, { user, cache, progress, uses }, deadline);
    const { versionText, major } = binaries;
    const directories = makeClusterDirectories(dataRoot(this.#nodeCount), this.#session, user);
    this.#cleanup.add('directories', (by) => removeClusterDirectories(directories, by), removeMs);
    this.#cleanup.add('copies under way', (by) =>
      Promise.all([...this.#nodes.values()].map((node) => node.settled(by))),
    );
    const bounds = new DataBounds(directories, this.#bound(directories.servers));
    const workshop = directories.servers;
    const whyEnded = (home: string) => bounds.whyEnded(home);
    const place = { programs, versionText, major, user, cache, workshop, whyEnded, uses };
    const made = await ensureTemplate({ template, preparation }, place, progress);
    // Nobody waits for it. What cannot be removed now, the next process tries again.
    ageOut(cache).catch(() => {});
    const snapshots = new Snapshots(directories);
    this.#prepared = { programs, user, template: made, snapshots, directories, bounds };
  }

  async createNode(spec: NodeSpec, deadline: Deadline): Promise<EngineNode> {
    const { programs, user, template, snapshots, directories, bounds } = this.#whatIsPrepared();
    // Those that it is one of, whichever engine has them later.
    const nodes = this.#nodes;
    const node = new LocalNode({
      ...{ programs, user, template, bounds },
      spec,
      endpoint: { host: '127.0.0.1', port: spec.port },
      home: freeName(join(directories.servers, spec.name)),
      dataOf: (name) => nodeIn(nodes, name).data,
      originalOf: (snapshot) => snapshots.originalOf(snapshot),
    });
    nodes.set(spec.name, node);
    try {
      await node.create(deadline);
      return node;
    } catch (error) {
      const cleanup = new CleanupStack();
      cleanup.add(`the directory of ${spec.name}`, (by) => node.remove(by));
      throw await cleanup.runAfter(error, Deadline.in(undoMs));
    }
  }

  clusterEndpoint(name: string): Endpoint {
    return nodeIn(this.#nodes, name).endpoint;
  }

  async saveSnapshot(id: string, source: SnapshotSource, deadline: Deadline): Promise<void> {
    const { user, snapshots, template } = this.#whatIsPrepared();
    const { data: from, unpacked } = nodeIn(this.#nodes, source.name);
    await snapshots.save({ id, source, from, unpacked, template, user }, deadline);
  }

  dropSnapshot(id: string): Promise<void> {
    return this.#whatIsPrepared().snapshots.drop(id);
  }

  spares(): Spares | undefined {
    const prepared = this.#whatIsPrepared();
    if (!hasRoomForSpares(prepared, { nodes: this.#nodes.size, workers: this.#o.workers })) {
      return undefined;
    }
    const engine = new LocalEngine(this.#o, this.#session, this.#whyNotOthers);
    engine.#prepared = prepared;
    engine.#cleanup.add('spare nodes', (by) =>
      Promise.all([...engine.#nodes.values()].map((node) => node.remove(by))),
    );
    const changePlaces = async () => {
      await Promise.all(
        [...engine.#nodes].map(([name, spare]) => spare.continuesLogOf(this.#nodes.get(name))),
      );
      [this.#nodes, engine.#nodes] = [engine.#nodes, this.#nodes];
    };
    return { engine, changePlaces };
  }

  async nodeOn(ports: readonly number[]): Promise<OtherNode | undefined> {
    return nodeOn(ports, this.#prepared?.directories.servers);
  }

  remove(deadline: Deadline): Promise<void> {
    return this.#cleanup.run(deadline);
  }

  #whatIsPrepared(): Prepared {
    if (this.#prepared) return this.#prepared;
    throw new Error('the local engine has no template yet');
  }

  /** With which it begins. */
  get #nodeCount(): number {
    return this.#o.slaves.length + 1;
  }

  #bound(directory: string): { bytes: number; isGiven: boolean } {
    const { dataLimitMb, workers } = this.#o;
    return dataLimitMb === undefined
      ? { bytes: shareOf(roomIn(directory), this.#nodeCount, workers), isGiven: false }
      : { bytes: dataLimitMb * 1024 * 1024, isGiven: true };
  }
}

function nodeIn(nodes: ReadonlyMap<string, LocalNode>, name: string): LocalNode {
  const node = nodes.get(name);
  if (node) return node;
  throw new Error(`the local engine has made no node ${name}`);
}

const agedOut = new Set<string>();

/** Once in a process is enough. */
async function ageOut(cache: string): Promise<void> {
  if (agedOut.has(cache)) return;
  agedOut.add(cache);
  await removeOldEntries([cache, ...serversParts(cache)]);
}

/** A directory that could not be removed must not be in the way of a new node of that name. */
function freeName(path: string): string {
  let free = path;
  for (let n = 2; existsSync(free); n += 1) free = `${path}-${n}`;
  return free;
}
